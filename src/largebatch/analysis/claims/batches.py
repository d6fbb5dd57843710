"""Checks of how something changes with the batch: `slope`, `critical_batch`."""

from collections.abc import Iterator

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench, splits
from largebatch.analysis.claims.bootstrap import Place, above, nowhere, within
from largebatch.analysis.claims.evidence import NOTHING, Evidence, NotRun
from largebatch.analysis.claims.finding import GRID, RATE, SLOPE, Finding, finding, number
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.locate import weighted
from largebatch.analysis.claims.onset import last_below, onset
from largebatch.analysis.claims.optima import SLACK, optimum_of
from largebatch.analysis.claims.rates import best

SLOPED = {"optimum": "optimal rate", "stable": "last stable rate"}  # what a slope is `of`


def slope(check: dict, bench: Bench) -> Iterator[Finding]:
    """Fit the slope of log rate (`of` says which) against log batch over the sweeps `sweeps`.

    `slope`: it is `near` a value, to within one grid step over the range of batches.
    `slope_below`: it is `below` a value.
    """
    for split in splits(check):
        found = _by_batch([bench.grid(reference, split) for reference in check["sweeps"]])
        batches = np.log2([grid.batch for grid in found])
        if not np.ptp(batches):
            raise NotRun(f"{_names(found)}: a slope needs two batch sizes")
        for name in check.get("optimizers", (MOMENTUM,)):
            rates = [_rate(check, bench, g, name, stream) for stream, g in enumerate(found)]
            fitted = Place(*(_fit(batches, part) for part in zip(*rates, strict=True)))
            low, high, wanted = _band(check, found, batches)
            yield finding(
                f"{_names(found)}, {found[0].metric}",
                f"slope of the {SLOPED[check.get('of', 'optimum')]} of {name} against batch is",
                wanted,
                within(fitted, low - SLACK, high + SLACK, bench.alpha),
                min(len(grid.seeds) for grid in found),
                SLOPE,
                GRID if np.isnan(low) else None,
            )


def critical_batch(check: dict, bench: Bench) -> Iterator[Finding]:
    """Momentum becomes better at the optimum at a smaller batch than in the group `against`.

    The groups may have different batches, so the lead may begin anywhere above the previous batch.
    """
    for split in splits(check):
        names = check["sweeps"], check["against"]
        groups = [_by_batch([bench.grid(name, split) for name in group]) for group in names]
        first, second = (_critical(group, bench) for group in groups)
        yield finding(
            f"{_names(groups[0])} against {_names(groups[1])}, {split}",
            "critical batch of the second group over that of the first is",
            "more than 1",
            above(second.minus(first), 0, bench.alpha),
            min(len(grid.seeds) for group in groups for grid in group),
            RATE,
        )


def _by_batch(found: list[Grid]) -> list[Grid]:
    return sorted(found, key=lambda grid: grid.batch)


def _rate(check: dict, bench: Bench, grid: Grid, name: str, stream: int) -> Place:
    if check.get("of", "optimum") == "optimum":
        return optimum_of(grid, name, bench, stream)
    if not grid.learns(name).any():
        return nowhere(bench.draws)
    up = slice(grid.optimum(name), None)
    x, scores, level = grid.x[up], grid.final(name)[up], grid.halfway(name)
    return last_below(x, scores, level, bench.alpha, bench.draws, grid.resolution, stream)


def _fit(x: np.ndarray, y: tuple[np.ndarray, ...]) -> np.ndarray:
    """Bounds of the least-squares slope; y: bounds (2, ...) at each x."""
    centred = x - x.mean()
    return weighted(centred / (centred**2).sum(), np.stack(y))


def _band(check: dict, found: list[Grid], batches: np.ndarray) -> tuple[float, float, str]:
    """The slopes that the claim allows, also in words; NaN if no grid has a step."""
    if "below" in check:
        return -np.inf, check["below"], f"below {check['below']}"
    near, steps = check["near"], [np.median(np.diff(g.x)) for g in found if len(g.x) > 1]
    if not steps:
        return np.nan, np.nan, f"about {near}"
    step = float(max(steps)) / np.ptp(batches)
    return near - step, near + step, f"between {number(near - step)} and {number(near + step)}"


def _critical(found: list[Grid], bench: Bench) -> Place:
    """log2 of the smallest batch from which the best momentum beats the best SGD."""
    batches, least = np.log2([grid.batch for grid in found]), found[0].tolerance
    each = [_exceeds(grid, least, bench.alpha) for grid in found]
    exceeds = Evidence(*map(np.array, zip(*each, strict=True)))
    return onset(batches, exceeds, least, bench.alpha, bench.draws, between=True)


def _exceeds(grid: Grid, least: float, alpha: float) -> Evidence:
    """Evidence that the best SGD is worse than the best momentum by more than `least`."""
    if not any(grid.learns(name).any() for name in ("sgd", MOMENTUM)):
        return NOTHING
    arms = sgd, momentum = grid.final("sgd"), grid.final(MOMENTUM)
    (i, of_sgd), (j, of_momentum) = (best(arm, alpha, grid.resolution) for arm in arms)
    chances = of_momentum, of_sgd
    return paired.better(sgd[i] - momentum[j], least, alpha, grid.resolution, chances)


def _names(found: list[Grid]) -> str:
    return ", ".join(grid.name for grid in found)
