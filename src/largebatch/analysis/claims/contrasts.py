"""Checks of a trend within a sweep: `gap_growth` and `flatter` over rates, `rank` over momenta."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import Finding, finding, no_rates, number, share
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.optima import grids
from largebatch.analysis.claims.ranks import rank_step, spearman
from largebatch.analysis.claims.rates import Arm, best, chosen, common_seeds
from largebatch.analysis.metrics import is_accuracy
from largebatch.study import Optimizer


def gap_growth(check: dict, bench: Bench) -> Iterator[Finding]:
    """The gap SGD minus momentum at the optimum exceeds `factor` times that some steps below.

    A linear contrast of paired scores: gap(optimum) - factor * gap(`steps` below) > 0. It is a gap
    only if momentum is better there at all: a lead of SGD that shrinks is no gap that grows.
    """
    for grid in grids(check, bench):
        sgd, momentum = (grid.final[grid.index(name)] for name in ("sgd", MOMENTUM))
        resolution = bench.resolution_of(grid)
        at, in_doubt = best(momentum, bench.alpha, resolution)
        before, wanted = at - check.get("steps", 1), "more than 0"
        label, least = f"{grid.name}, {grid.metric}", bench.tolerance(grid)
        if before < 0:
            yield no_rates(label, wanted, len(grid.seeds))
            continue
        gap, factor = sgd - momentum, check.get("factor", 1)
        growth, chances = gap[at] - factor * gap[before], (in_doubt, 1)
        units = share if is_accuracy(grid.metric) else np.expm1
        yield finding(
            label,
            f"gap at {grid.lrs[at]:g} is",
            f"more than {number(units(least))}",
            paired.better(gap[at], least, bench.alpha, resolution, chances),
            len(grid.seeds),
            units,
        )
        yield finding(
            label,
            f"gap at {grid.lrs[at]:g} minus {factor} times that at {grid.lrs[before]:g} is",
            wanted,
            paired.better(growth, 0.0, bench.alpha, resolution * np.hypot(1, factor), chances),
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
            resolution = bench.resolution_of(a)
            rises = [_rise(grid, steps, seeds, bench.alpha, resolution) for grid in (a, b)]
            if any(rise is None for rise in rises):
                yield no_rates(label, wanted, len(seeds))
                continue
            yield finding(
                label,
                f"rise within {steps} steps of the optimum, second sweep minus first, is",
                wanted,
                _less(*rises, bench.alpha, resolution),
                len(seeds),
            )


class Rise(NamedTuple):
    """One number a seed; how many sets of rates may be the best ones, and how many rates."""

    values: np.ndarray
    sets: int
    rates: int


def _rise(grid: Grid, steps: int, seeds: list[int], alpha: float, resolution: float) -> Rise | None:
    """None if the optimum lies too near an end of the grid."""
    sgd = grid.final[grid.index("sgd")][:, [grid.seeds.index(seed) for seed in seeds]]
    at, rates = best(sgd, alpha, resolution)
    if at < steps or at + steps >= len(grid.lrs):
        return None
    around = np.lib.stride_tricks.sliding_window_view(sgd, 2 * steps + 1, axis=0).mean(-1)
    middle, sets = best(around, alpha, resolution)
    return Rise(around[middle] - sgd[at], sets, rates)


def _less(a: Rise, b: Rise, alpha: float, resolution: float) -> Evidence:
    """That the first rises less. Lucky rates around an optimum lessen a rise, a lucky best adds."""
    chances = a.sets * b.rates, a.rates * b.sets
    return paired.better(b.values - a.values, 0.0, alpha, resolution, chances)


def rank(check: dict, bench: Bench) -> Iterator[Finding]:
    """Spearman's correlation of momentum and score: `worse` or `better` with larger momentum."""
    sign = {"worse": 1, "better": -1}[check["larger_is"]]
    for grid in grids(check, bench):
        label, wanted = f"{grid.name}, {grid.metric}", "above 0"
        selected = _rates(check["rates"], grid, bench)
        if not selected:
            yield no_rates(label, wanted, len(grid.seeds))
            continue
        momenta, correlation = _correlation(grid, selected)
        yield finding(
            f"{label}, {len(momenta)} momenta, {len(selected)} rate{'s' * (len(selected) > 1)}",
            f"rank correlation of larger momentum and being {check['larger_is']} is",
            wanted,
            paired.better(sign * correlation, 0.0, bench.alpha, rank_step(len(momenta))),
            len(grid.seeds),
            share,
        )


def _rates(rule: dict, grid: Grid, bench: Bench) -> list[int]:
    resolution = bench.resolution_of(grid)
    of_each = np.full(len(grid.lrs), resolution / np.sqrt(2))
    arms = [Arm(grid, name, grid.final[grid.index(name)], of_each) for name in ("sgd", MOMENTUM)]
    pairs = chosen(rule, *arms, bench.tolerance(grid), bench.alpha, resolution)
    return [pair.first for pair in pairs]


def _correlation(grid: Grid, rates: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The momenta of the grid, without SGD; mean correlation over the rates, one number a seed."""
    momenta = np.array([Optimizer.parse(name).momentum for name in grid.optimizers])
    scores = np.moveaxis(grid.final[momenta > 0][:, rates], 0, -1)  # (rates, seeds, momenta)
    momenta = momenta[momenta > 0]
    return momenta, spearman(np.broadcast_to(momenta, scores.shape), scores).mean(0)
