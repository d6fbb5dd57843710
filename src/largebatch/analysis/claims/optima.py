"""Checks of where on the grid something happens: the optimum, a threshold."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from largebatch.analysis.claims import locate, paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.bootstrap import Place, above, located, nowhere, within
from largebatch.analysis.claims.evidence import conjunction, either
from largebatch.analysis.claims.finding import GRID, SCALE, Finding, finding, number
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.onset import onset

EXACT = 1e-9  # of log2 of rates, and slopes: 'at least 8 times' includes 8 times


def optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """The optimum is `near` a rate: within one grid step, or as good there as at the best."""
    for grid in grids(check, bench):
        low, high = _neighbours(grid.x, check["near"])
        for name in check.get("optimizers", (MOMENTUM,)):
            near = within(optimum_of(grid, name, bench), low, high, bench.alpha)
            yield finding(
                f"{grid.name}, {grid.metric}",
                f"optimal effective learning rate of {name} is",
                _near(check, low, high),
                either(near, _as_good(grid, name, check["near"], bench)),
                len(grid.seeds),
                np.exp2,
                _open(bench, low),
                on_grid=True,
            )


def threshold(check: dict, bench: Bench) -> Iterator[Finding]:
    """The smallest rate from which momentum is better, at it and at every larger one, is `near`."""
    for grid in grids(check, bench):
        low, high = _neighbours(grid.x, check["near"])
        yield finding(
            f"{grid.name}, {grid.metric}",
            "rate from which momentum is better is",
            _near(check, low, high),
            within(threshold_of(grid, bench), low, high, bench.alpha),
            len(grid.seeds),
            np.exp2,
            _open(bench, low),
            on_grid=True,
        )


def threshold_over_optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """That rate is at least so many times the optimum of momentum."""
    for grid in grids(check, bench):
        least = np.log2(check["least"]) - EXACT
        ratio = threshold_of(grid, bench).minus(optimum_of(grid, MOMENTUM, bench))
        yield finding(
            f"{grid.name}, {grid.metric}",
            "rate from which momentum is better, over the optimum, is",
            f"at least {check['least']}",
            above(ratio, least, bench.alpha),
            len(grid.seeds),
            np.exp2,
            on_grid=True,
        )


def threshold_train_first(check: dict, bench: Bench) -> Iterator[Finding]:
    """That rate is smaller for the training metric than for the test metric."""
    for reference in check["sweeps"]:
        train, test = (bench.grid(reference, split) for split in ("train", "test"))
        ratio = threshold_of(test, bench).minus(threshold_of(train, bench))
        yield finding(
            train.name,
            "rate from which momentum is better, on test over that on train, is",
            "more than 1",
            above(ratio, 0, bench.alpha),
            len(train.seeds),
            np.exp2,
            on_grid=True,
        )


def grids(check: dict, bench: Bench) -> Iterator[Grid]:
    """Every grid that the check names, the train and test metrics in turn."""
    for reference in check["sweeps"]:
        for split in check.get("metrics", ("train", "test")):
            yield from bench.grids(reference, split)


def optimum_of(grid: Grid, optimizer: str, bench: Bench, stream: int = 0) -> Place:
    """log2 of an optimizer's optimum; unknown if it learns nowhere."""
    k = grid.index(optimizer)
    if not grid.learns(bench.tolerance(grid))[k].any():
        return nowhere(bench.draws)
    one_arm = bench.resolution_of(grid) / np.sqrt(2)
    return located(partial(locate.optimum, grid.x), grid.final[k], bench.draws, one_arm, stream)


def threshold_of(grid: Grid, bench: Bench) -> Place:
    """log2 of the threshold.

    Rates at the top where neither arm learns say nothing and are left out.
    """
    arms, least = [grid.index(name) for name in ("sgd", MOMENTUM)], bench.tolerance(grid)
    alive = np.flatnonzero(grid.learns(least)[arms].any(0))
    if not alive.size:
        return nowhere(bench.draws)
    top = alive[-1] + 1
    sgd, momentum = grid.final[arms, :top]
    exceeds = paired.better(sgd - momentum, least, bench.alpha, bench.resolution_of(grid))
    return onset(grid.x[:top], exceeds, least, bench.alpha, bench.draws)


def _as_good(grid: Grid, optimizer: str, near: float, bench: Bench) -> tuple[float, float]:
    """p-values of 'the grid's rate next to `near` is as good as every other, to the tolerance'."""
    k = grid.index(optimizer)
    values = grid.final[k]
    others = np.delete(values, _next_to(grid.x, near), axis=0)
    if not len(others) or not grid.learns(bench.tolerance(grid))[k].any():
        return 1.0, 1.0  # there is nothing to compare
    margins = others + bench.tolerance(grid) - values[_next_to(grid.x, near)]
    each = paired.better(margins, 0.0, bench.alpha, bench.resolution_of(grid))
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
