"""Checks of where on the grid something happens: the optimum, a threshold."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from largebatch.analysis.claims import bootstrap, locate, paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.bootstrap import located
from largebatch.analysis.claims.evidence import conjunction, either
from largebatch.analysis.claims.finding import GRID, SCALE, Finding, finding, number
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.locate import apart, minus
from largebatch.analysis.claims.onset import onset

MOMENTUM = "momentum-0.9"
EXACT = 1e-9  # of log2 of rates, and slopes: 'at least 8 times' includes 8 times


def optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """The optimum is `near` a rate: within one grid step, or as good there as at the best."""
    for grid in grids(check, bench):
        low, high = _neighbours(grid.x, check["near"])
        for name in check.get("optimizers", (MOMENTUM,)):
            values = grid.final[grid.index(name)]
            estimate, draws = located(partial(locate.optimum, grid.x), values, bench.draws)
            near = bootstrap.within(draws, low, high, estimate, bench.alpha)
            yield finding(
                f"{grid.name}, {grid.metric}",
                f"optimal effective learning rate of {name} is",
                _near(check, low, high),
                either(near, _as_good(grid, values, check["near"], bench)),
                len(grid.seeds),
                np.exp2,
                _open(bench, low),
            )


def threshold(check: dict, bench: Bench) -> Iterator[Finding]:
    """The smallest rate from which momentum is better, at it and at every larger one, is `near`."""
    for grid in grids(check, bench):
        estimate, draws = threshold_of(grid, bench)
        low, high = _neighbours(grid.x, check["near"])
        yield finding(
            f"{grid.name}, {grid.metric}",
            "rate from which momentum is better is",
            _near(check, low, high),
            bootstrap.within(draws, low, high, estimate, bench.alpha),
            len(grid.seeds),
            np.exp2,
            _open(bench, low),
        )


def threshold_over_optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """That rate is at least so many times the optimum of momentum."""
    for grid in grids(check, bench):
        least = np.log2(check["least"]) - EXACT
        where = partial(locate.optimum, grid.x)
        best, best_draws = located(where, grid.final[grid.index(MOMENTUM)], bench.draws)
        begin, begin_draws = threshold_of(grid, bench)
        yield finding(
            f"{grid.name}, {grid.metric}",
            "rate from which momentum is better, over the optimum, is",
            f"at least {check['least']}",
            bootstrap.above(apart(begin_draws, best_draws), least, minus(begin, best), bench.alpha),
            len(grid.seeds),
            np.exp2,
        )


def threshold_train_first(check: dict, bench: Bench) -> Iterator[Finding]:
    """That rate is smaller for the training metric than for the test metric."""
    for reference in check["sweeps"]:
        train, test = (bench.grid(reference, split) for split in ("train", "test"))
        (late, late_draws), (early, early_draws) = (threshold_of(g, bench) for g in (test, train))
        yield finding(
            train.name,
            "rate from which momentum is better, on test over that on train, is",
            "more than 1",
            bootstrap.above(apart(late_draws, early_draws), 0, minus(late, early), bench.alpha),
            len(train.seeds),
            np.exp2,
        )


def grids(check: dict, bench: Bench) -> Iterator[Grid]:
    """Every grid that the check names, the train and test metrics in turn."""
    for reference in check["sweeps"]:
        for split in check.get("metrics", ("train", "test")):
            yield from bench.grids(reference, split)


def threshold_of(grid: Grid, bench: Bench) -> tuple[np.ndarray, np.ndarray]:
    """log2 of the threshold, and its draws, as bounds.

    Rates at the top where neither arm beats an untrained network say nothing and are left out.
    """
    sgd, momentum = (grid.final[grid.index(name)] for name in ("sgd", MOMENTUM))
    works = np.minimum(sgd.mean(-1), momentum.mean(-1)) < grid.level - bench.tolerance(grid)
    top = int(np.flatnonzero(works).max(initial=0)) + 1
    least = bench.tolerance(grid)
    exceeds = paired.better((sgd - momentum)[:top], least, bench.alpha)
    return onset(grid.x[:top], exceeds, least, bench.alpha, bench.draws)


def _as_good(grid: Grid, values: np.ndarray, near: float, bench: Bench) -> tuple[float, float]:
    """p-values of 'the grid's rate next to `near` is as good as every other, to the tolerance'."""
    others = np.delete(values, _next_to(grid.x, near), axis=0)
    margins = others + bench.tolerance(grid) - values[_next_to(grid.x, near)]
    each = paired.better(margins, 0.0, bench.alpha)
    return conjunction(each.support, each.against, bench.alpha)


def _next_to(x: np.ndarray, near: float) -> int:
    return int(np.argmin(np.abs(x - np.log2(near))))


def _neighbours(x: np.ndarray, near: float) -> tuple[float, float]:
    """log2 of the rates one grid step below and above `near`; NaN if it is off the grid."""
    i = _next_to(x, near)
    if not np.isclose(2 ** x[i], near, rtol=0.01):
        return np.nan, np.nan
    return x[max(i - 1, 0)], x[min(i + 1, len(x) - 1)]


def _near(check: dict, low: float, high: float) -> str:
    band = "" if np.isnan(low) else f" ({number(2**low)} to {number(2**high)})"
    return f"about {number(check['near'])}{band}"


def _open(bench: Bench, low: float) -> str | None:
    """A rate of the paper's means something for its own data, model and epochs only."""
    if not bench.study.faithful:
        return SCALE
    return GRID if np.isnan(low) else None
