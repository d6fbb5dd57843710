"""Checks of how something changes with the batch: `slope`, `critical_batch`."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from largebatch.analysis.claims import bootstrap, locate
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.bootstrap import located
from largebatch.analysis.claims.finding import Finding, finding, number
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.locate import exactly, minus, weighted
from largebatch.analysis.claims.optima import MOMENTUM


def slope(check: dict, bench: Bench) -> Iterator[Finding]:
    """Slope of log rate against log batch over the sweeps `sweeps`, for the rate `of` each of them.

    `slope`: near a value, to within one grid step over the range of batches. `slope_below`: below.
    """
    for split in check.get("metrics", ("train", "test")):
        found = _by_batch([bench.grid(reference, split) for reference in check["sweeps"]])
        batches = np.log2([grid.batch for grid in found])
        for name in check.get("optimizers", (MOMENTUM,)):
            rates = [_rate(check, bench, g, name, stream) for stream, g in enumerate(found)]
            estimate, draws = (_fit(batches, part) for part in zip(*rates, strict=True))
            low, high = _band(check, found, batches)
            yield finding(
                f"{_names(found)}, {found[0].metric}",
                f"slope of the {check.get('of', 'optimum')} of {name} against batch is",
                f"between {number(low)} and {number(high)}" if "near" in check else f"below {high}",
                bootstrap.within(draws, low, high, estimate, bench.alpha),
                min(len(grid.seeds) for grid in found),
            )


def critical_batch(check: dict, bench: Bench) -> Iterator[Finding]:
    """Momentum is better at the optimum from a smaller batch on than in the group `against`."""
    for split in check.get("metrics", ("train", "test")):
        names = check["sweeps"], check["against"]
        groups = [_by_batch([bench.grid(name, split) for name in group]) for group in names]
        streams = (0, len(groups[0]))
        (a, a_draws), (b, b_draws) = (
            _critical(group, bench, stream) for group, stream in zip(groups, streams, strict=True)
        )
        ratio, draws = minus(b, a), minus(b_draws, a_draws)
        yield finding(
            f"{_names(groups[0])} against {_names(groups[1])}, {split}",
            "critical batch of the second over that of the first is",
            "more than 1",
            bootstrap.above(draws, 0, ratio, bench.alpha),
            min(len(grid.seeds) for group in groups for grid in group),
            np.exp2,
        )


def _by_batch(found: list[Grid]) -> list[Grid]:
    return sorted(found, key=lambda grid: grid.batch)


def _rate(check: dict, bench: Bench, grid: Grid, name: str, stream: int):
    values = grid.final[grid.index(name)]
    if check.get("of", "optimum") == "optimum":
        return located(partial(locate.optimum, grid.x), values, bench.draws, stream)
    level = grid.level - bench.tolerance(grid)
    return located(partial(locate.last_stable, grid.x, level=level), values, bench.draws, stream)


def _fit(x: np.ndarray, y: tuple[np.ndarray, ...]) -> np.ndarray:
    """Bounds of the least-squares slope; y: bounds (2, ...) at each x."""
    centred = x - x.mean()
    return weighted(centred / (centred**2).sum(), np.stack(y))


def _band(check: dict, found: list[Grid], batches: np.ndarray) -> tuple[float, float]:
    if "below" in check:
        return -np.inf, check["below"]
    step = max(float(np.median(np.diff(grid.x))) for grid in found) / np.ptp(batches)
    return check["near"] - step, check["near"] + step


def _critical(found: list[Grid], bench: Bench, stream: int) -> tuple[np.ndarray, np.ndarray]:
    """log2 of the smallest batch from which the best momentum beats the best SGD, and its draws."""
    batches, least = np.log2([grid.batch for grid in found]), bench.tolerance(found[0])
    gaps = [located(_gap, _both(grid), bench.draws, stream + i) for i, grid in enumerate(found)]
    estimate, draws = (np.stack(part) for part in zip(*gaps, strict=True))  # (batches, 2, ...)
    return (
        locate.threshold(batches, estimate[:, 0, None], least)[..., 0],
        _bounded(batches, draws, least),
    )


def _bounded(batches: np.ndarray, gaps: np.ndarray, least: float) -> np.ndarray:
    """The larger a gap, the smaller the critical batch."""
    low, high = (locate.threshold(batches, gaps[:, end], least) for end in (1, 0))
    return locate.bounds(low[0], high[1])


def _both(grid: Grid) -> np.ndarray:
    return grid.final[[grid.index("sgd"), grid.index(MOMENTUM)]]


def _gap(scores: np.ndarray) -> np.ndarray:
    """Best SGD minus best momentum; scores (2, rates, draws)."""
    sgd, momentum = scores.min(-2)
    return exactly(sgd - momentum)


def _names(found: list[Grid]) -> str:
    return ", ".join(grid.name for grid in found)
