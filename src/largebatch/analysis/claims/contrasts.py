"""Checks of a trend within a sweep: `gap_growth` and `flatter` over rates, `rank` over momenta."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import Finding, finding, no_rates
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.optima import grids
from largebatch.analysis.claims.ranks import spearman
from largebatch.analysis.claims.rates import Arm, best, chosen, common_seeds
from largebatch.study import Optimizer


def gap_growth(check: dict, bench: Bench) -> Iterator[Finding]:
    """The gap SGD minus momentum at the optimum exceeds `factor` times that some steps below.

    A linear contrast of paired scores: gap(optimum) - factor * gap(`steps` below) > 0.
    """
    for grid in grids(check, bench):
        sgd, momentum = (grid.final[grid.index(name)] for name in ("sgd", MOMENTUM))
        at, in_doubt = best(momentum, bench.alpha)
        before, wanted = at - check.get("steps", 1), "more than 0"
        label = f"{grid.name}, {grid.metric}"
        if before < 0:
            yield no_rates(label, wanted, len(grid.seeds))
            continue
        gap, factor = sgd - momentum, check.get("factor", 1)
        yield finding(
            label,
            f"gap at {grid.lrs[at]:g} minus {factor} times that at {grid.lrs[before]:g} is",
            wanted,
            paired.better(gap[at] - factor * gap[before], 0.0, bench.alpha, (in_doubt, 1)),
            len(grid.seeds),
        )


def flatter(check: dict, bench: Bench) -> Iterator[Finding]:
    """The score rises less around SGD's optimum than in the sweep `against`: less sensitive to it.

    The rise is the mean over the best 2 `steps` + 1 neighbouring rates minus the best score. Where
    several rates are as good as the best, it does not depend on which of them is taken for it.
    """
    steps, wanted = check.get("steps", 2), "more than 0"
    for split in check.get("metrics", ("train", "test")):
        for reference in check["sweeps"]:
            a, b = (bench.grid(name, split) for name in (reference, check["against"]))
            label, seeds = f"{a.name} against {b.name}, {a.metric}", common_seeds(a, b)
            rises = [_rise(grid, steps, seeds, bench.alpha) for grid in (a, b)]
            if any(rise is None for rise in rises):
                yield no_rates(label, wanted, len(seeds))
                continue
            yield finding(
                label,
                f"rise within {steps} steps of the optimum, second sweep minus first, is",
                wanted,
                _less(*rises, bench.alpha),
                len(seeds),
            )


class Rise(NamedTuple):
    """One number a seed; how many sets of rates may be the best ones, and how many rates."""

    values: np.ndarray
    sets: int
    rates: int


def _rise(grid: Grid, steps: int, seeds: list[int], alpha: float) -> Rise | None:
    """None if the optimum lies too near an end of the grid."""
    sgd = grid.final[grid.index("sgd")][:, [grid.seeds.index(seed) for seed in seeds]]
    at, rates = best(sgd, alpha)
    if at < steps or at + steps >= len(grid.lrs):
        return None
    around = np.lib.stride_tricks.sliding_window_view(sgd, 2 * steps + 1, axis=0).mean(-1)
    middle, sets = best(around, alpha)
    return Rise(around[middle] - sgd[at], sets, rates)


def _less(a: Rise, b: Rise, alpha: float) -> Evidence:
    """That the first rises less. Lucky rates around an optimum lessen a rise, a lucky best adds."""
    chances = a.sets * b.rates, a.rates * b.sets
    return paired.better(b.values - a.values, 0.0, alpha, chances)


def rank(check: dict, bench: Bench) -> Iterator[Finding]:
    """Spearman's correlation of momentum and score: `worse` or `better` with larger momentum."""
    sign = {"worse": 1, "better": -1}[check["larger_is"]]
    for grid in grids(check, bench):
        label, wanted = f"{grid.name}, {grid.metric}", "above 0"
        selected = _rates(check["rates"], grid, bench)
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


def _rates(rule: dict, grid: Grid, bench: Bench) -> list[int]:
    arms = [Arm(grid, name, grid.final[grid.index(name)]) for name in ("sgd", MOMENTUM)]
    return [pair.first for pair in chosen(rule, *arms, bench.tolerance(grid), bench.alpha)]


def _correlation(grid: Grid, rates: list[int]) -> np.ndarray:
    """Mean over the rates, one number a seed."""
    momenta = np.array([Optimizer.parse(name).momentum for name in grid.optimizers])
    scores = np.moveaxis(grid.final[:, rates], 0, -1)  # (rates, seeds, optimizers)
    return spearman(np.broadcast_to(momenta, scores.shape), scores).mean(0)
