"""Checks of how scores change around an optimum: `gap_growth`, `flatter`."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench, splits
from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import (
    Finding,
    contrast_units,
    finding,
    no_rates,
    units_of,
)
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.optima import grids
from largebatch.analysis.claims.rates import best, common_seeds


def gap_growth(check: dict, bench: Bench) -> Iterator[Finding]:
    """The gap SGD minus momentum at the optimum exceeds `factor` times the gap some steps below.

    This is a linear contrast of paired scores: gap(optimum) - factor * gap(`steps` below) > 0.
    Momentum must also be better at the optimum: a shrinking lead of SGD is not a growing gap.
    """
    for grid in grids(check, bench):
        sgd, momentum = grid.final("sgd"), grid.final(MOMENTUM)
        resolution, least = grid.resolution, grid.tolerance
        at, in_doubt = best(momentum, bench.alpha, resolution)
        before, wanted = at - check.get("steps", 1), "more than 0"
        if before < 0:
            yield no_rates(grid.label, wanted, len(grid.seeds))
            continue
        gap, factor = sgd - momentum, check.get("factor", 1)
        growth, chances = gap[at] - factor * gap[before], (in_doubt, 1)
        units = units_of(grid.metric)
        yield finding(
            grid.label,
            f"gap at {grid.lrs[at]:g} is",
            f"more than {units.say(least)}",
            paired.better(gap[at], least, bench.alpha, resolution, chances),
            len(grid.seeds),
            units,
        )
        yield finding(
            grid.label,
            f"gap at {grid.lrs[at]:g} minus {factor} times that at {grid.lrs[before]:g} is",
            wanted,
            paired.better(growth, 0.0, bench.alpha, resolution * np.hypot(1, factor), chances),
            len(grid.seeds),
            contrast_units(grid.metric),
        )


def flatter(check: dict, bench: Bench) -> Iterator[Finding]:
    """SGD's score rises less around its optimum than in the sweep `against`: it is less sensitive.

    The rise is the mean over the best 2 `steps` + 1 neighbouring rates minus the best score. Where
    several rates are equally good, it does not depend on which of them is taken as the best.
    """
    steps, wanted = check.get("steps", 2), "more than 0"
    for split in splits(check):
        for reference in check["sweeps"]:
            a, b = (bench.grid(name, split) for name in (reference, check["against"]))
            label, seeds = f"{a.name} against {b.name}, {a.metric}", common_seeds(a, b)
            first, second = (_rise(grid, steps, seeds, bench.alpha) for grid in (a, b))
            if first is None or second is None:
                yield no_rates(label, wanted, len(seeds))
                continue
            yield finding(
                label,
                f"rise within {steps} steps of the optimum, second sweep minus first, is",
                wanted,
                _less(first, second, bench.alpha, a.resolution),
                len(seeds),
                contrast_units(a.metric),
            )


class Rise(NamedTuple):
    """The rise of each seed, and how many sets of rates, and how many rates, may be the best."""

    values: np.ndarray
    sets: int
    rates: int


def _rise(grid: Grid, steps: int, seeds: list[int], alpha: float) -> Rise | None:
    """The rise around SGD's optimum; None if that lies too near an end of the grid."""
    sgd = grid.final("sgd")[:, [grid.seeds.index(seed) for seed in seeds]]
    at, rates = best(sgd, alpha, grid.resolution)
    if at < steps or at + steps >= len(grid.lrs):
        return None
    around = np.lib.stride_tricks.sliding_window_view(sgd, 2 * steps + 1, axis=0).mean(-1)
    middle, sets = best(around, alpha, grid.resolution)
    return Rise(around[middle] - sgd[at], sets, rates)


def _less(a: Rise, b: Rise, alpha: float, resolution: float) -> Evidence:
    """Evidence that `a` rises less. Luck around an optimum lowers a rise, a lucky best lifts it."""
    chances = a.sets * b.rates, a.rates * b.sets
    return paired.better(b.values - a.values, 0.0, alpha, resolution, chances)
