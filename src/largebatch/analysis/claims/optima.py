"""Checks of where on the grid something happens: the optimum, a threshold."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from largebatch.analysis.claims import locate, paired
from largebatch.analysis.claims.bench import Bench, splits
from largebatch.analysis.claims.bootstrap import Place, above, located, nowhere, within
from largebatch.analysis.claims.evidence import conjunction, either
from largebatch.analysis.claims.finding import GRID, RATE, SCALE, Finding, finding, number
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.onset import onset

SLACK = 1e-9  # slack in log2 of rates and in slopes: 'at least 8 times' includes 8 times


def optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """The optimum is `near` a rate: within a grid step, or that rate is as good as the best."""
    for grid in grids(check, bench):
        low, high = _neighbours(grid.x, check["near"])
        for name in check.get("optimizers", (MOMENTUM,)):
            near = within(optimum_of(grid, name, bench), low, high, bench.alpha)
            yield finding(
                grid.label,
                f"optimal effective learning rate of {name} is",
                f"{_near(check, low, high)}, or as good there",
                either(near, _as_good(grid, name, check["near"], bench.alpha)),
                len(grid.seeds),
                RATE,
                _open(bench, low),
            )


def threshold(check: dict, bench: Bench) -> Iterator[Finding]:
    """The threshold, the smallest rate at and above which momentum is better, is `near` a rate."""
    for grid in grids(check, bench):
        low, high = _neighbours(grid.x, check["near"])
        yield finding(
            grid.label,
            "rate from which momentum is better is",
            _near(check, low, high),
            within(threshold_of(grid, bench), low, high, bench.alpha),
            len(grid.seeds),
            RATE,
            _open(bench, low),
        )


def threshold_over_optimum(check: dict, bench: Bench) -> Iterator[Finding]:
    """The threshold is at least `least` times momentum's optimum."""
    for grid in grids(check, bench):
        least = np.log2(check["least"]) - SLACK
        ratio = threshold_of(grid, bench).minus(optimum_of(grid, MOMENTUM, bench))
        yield finding(
            grid.label,
            "rate from which momentum is better, over the optimum, is",
            f"at least {check['least']}",
            above(ratio, least, bench.alpha),
            len(grid.seeds),
            RATE,
        )


def threshold_train_first(check: dict, bench: Bench) -> Iterator[Finding]:
    """The threshold is smaller for the training metric than for the test metric."""
    for reference in check["sweeps"]:
        train, test = (bench.grid(reference, split) for split in ("train", "test"))
        ratio = threshold_of(test, bench).minus(threshold_of(train, bench))
        yield finding(
            train.name,
            "rate from which momentum is better in testing, over that in training, is",
            "more than 1",
            above(ratio, 0, bench.alpha),
            len(train.seeds),
            RATE,
        )


def grids(check: dict, bench: Bench) -> Iterator[Grid]:
    """Every grid that the check names, the train and test metrics in turn."""
    for reference in check["sweeps"]:
        for split in splits(check):
            yield from bench.grids(reference, split)


def optimum_of(grid: Grid, optimizer: str, bench: Bench, stream: int = 0) -> Place:
    """log2 of an optimizer's optimum; unknown if it learns nowhere."""
    if not grid.learns(optimizer).any():
        return nowhere(bench.draws)
    one_arm, where = grid.resolution / np.sqrt(2), partial(locate.optimum, grid.x)
    return located(where, grid.final(optimizer), bench.draws, one_arm, stream)


def threshold_of(grid: Grid, bench: Bench, between: bool = False) -> Place:
    """log2 of the threshold: a rate of the grid, or anywhere `between` two (`locate.beginning`).

    Rates at the top of the grid where neither arm learns say nothing and are left out.
    """
    alive = np.flatnonzero(grid.learns("sgd") | grid.learns(MOMENTUM))
    if not alive.size:
        return nowhere(bench.draws)
    gaps, least = (grid.final("sgd") - grid.final(MOMENTUM))[: alive[-1] + 1], grid.tolerance
    exceeds = paired.better(gaps, least, bench.alpha, grid.resolution)
    x = grid.x[: len(gaps)]
    return onset(x, exceeds, least, bench.alpha, bench.draws, between=between)


def _as_good(grid: Grid, optimizer: str, near: float, alpha: float) -> tuple[float, float]:
    """p-values of 'the grid's rate nearest `near` is as good as every other, to the tolerance'."""
    values, i = grid.final(optimizer), _next_to(grid.x, near)
    others = np.delete(values, i, axis=0)
    if not len(others) or not grid.learns(optimizer).any():
        return 1.0, 1.0  # there is nothing to compare
    margins = others + grid.tolerance - values[i]
    each = paired.better(margins, 0.0, alpha, grid.resolution)
    return conjunction(each.support, each.against, alpha)


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
    """Why it is open, or None: the paper's rates hold only for its own data, model and epochs."""
    if not bench.study.faithful:
        return SCALE
    return GRID if np.isnan(low) else None
