"""Checks of a trend within a sweep: `gap_growth` and `flatter` over rates, `rank` over momenta."""

from collections.abc import Iterator

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.finding import Finding, finding, no_rates
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.optima import MOMENTUM, grids
from largebatch.analysis.claims.ranks import spearman
from largebatch.analysis.claims.rates import Arm, chosen, common_seeds
from largebatch.study import Optimizer


def gap_growth(check: dict, bench: Bench) -> Iterator[Finding]:
    """The gap SGD minus momentum at the optimum exceeds `factor` times that some steps below.

    A linear contrast of paired scores: gap(optimum) - factor * gap(`steps` below) > 0.
    """
    for grid in grids(check, bench):
        best = int(grid.final[grid.index(MOMENTUM)].mean(-1).argmin())
        before, wanted = best - check.get("steps", 1), "more than 0"
        label = f"{grid.name}, {grid.metric}"
        if before < 0:
            yield no_rates(label, wanted, len(grid.seeds))
            continue
        gap = grid.final[grid.index("sgd")] - grid.final[grid.index(MOMENTUM)]
        factor = check.get("factor", 1)
        yield finding(
            label,
            f"gap at {grid.lrs[best]:g} minus {factor} times that at {grid.lrs[before]:g} is",
            wanted,
            paired.better(gap[best] - factor * gap[before], 0.0, bench.alpha),
            len(grid.seeds),
        )


def flatter(check: dict, bench: Bench) -> Iterator[Finding]:
    """The score rises less around SGD's optimum than in the sweep `against`: less sensitive to it.

    The rise is the mean over the `steps` rates on either side, minus the score at the optimum.
    """
    steps, wanted = check.get("steps", 2), "more than 0"
    for split in check.get("metrics", ("train", "test")):
        for reference in check["sweeps"]:
            a, b = (bench.grid(name, split) for name in (reference, check["against"]))
            label, seeds = f"{a.name} against {b.name}, {a.metric}", common_seeds(a, b)
            rises = [_rise(grid, steps, seeds) for grid in (a, b)]
            if any(rise is None for rise in rises):
                yield no_rates(label, wanted, len(seeds))
                continue
            yield finding(
                label,
                f"rise within {steps} steps of the optimum, second sweep minus first, is",
                wanted,
                paired.better(rises[1] - rises[0], 0.0, bench.alpha),
                len(seeds),
            )


def _rise(grid: Grid, steps: int, seeds: list[int]) -> np.ndarray | None:
    """One number a seed; None if the optimum lies too near an end of the grid."""
    sgd = grid.final[grid.index("sgd")][:, [grid.seeds.index(seed) for seed in seeds]]
    best = int(sgd.mean(-1).argmin())
    if best < steps or best + steps >= len(grid.lrs):
        return None
    around = np.delete(sgd[best - steps : best + steps + 1], steps, axis=0)
    return around.mean(0) - sgd[best]


def rank(check: dict, bench: Bench) -> Iterator[Finding]:
    """Spearman's correlation of momentum and score: `worse` or `better` with larger momentum."""
    sign = {"worse": 1, "better": -1}[check["larger_is"]]
    for grid in grids(check, bench):
        label, wanted = f"{grid.name}, {grid.metric}", "above 0"
        selected = _rates(check["rates"], grid, bench.tolerance(grid))
        if not selected:
            yield no_rates(label, wanted, len(grid.seeds))
            continue
        correlation = _correlation(grid, selected)
        yield finding(
            f"{label}, {len(selected)} rates",
            f"rank correlation of larger momentum and being {check['larger_is']} is",
            wanted,
            paired.better(sign * correlation, 0.0, bench.alpha),
            len(grid.seeds),
        )


def _rates(rule: dict, grid: Grid, tolerance: float) -> list[int]:
    arms = [Arm(grid, name, grid.final[grid.index(name)]) for name in ("sgd", MOMENTUM)]
    return [i for i, _ in chosen(rule, *arms, tolerance)]


def _correlation(grid: Grid, rates: list[int]) -> np.ndarray:
    """Mean over the rates, one number a seed."""
    momenta = np.array([Optimizer.parse(name).momentum for name in grid.optimizers])
    scores = np.moveaxis(grid.final[:, rates], 0, -1)  # (rates, seeds, optimizers)
    return spearman(np.broadcast_to(momenta, scores.shape), scores).mean(0)
