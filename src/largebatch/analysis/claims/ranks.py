"""Check of an order: `rank`, by Spearman's rank correlation (1904) of momentum and score."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.arms import DEFAULTS, arms
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.finding import CORRELATION, Finding, finding, no_rates
from largebatch.analysis.claims.grid import MOMENTUM, Grid
from largebatch.analysis.claims.optima import grids
from largebatch.analysis.claims.rates import chosen
from largebatch.study import Optimizer


def rank(check: dict, bench: Bench) -> Iterator[Finding]:
    """Spearman's correlation of momentum and score: `worse` or `better` with larger momentum.

    A large rate counts if any optimizer of the grid learns there: where the paper's momentum has
    failed, a larger one may not have.
    """
    sign = {"worse": 1, "better": -1}[check["larger_is"]]
    both = DEFAULTS | {"first": "sgd", "second": MOMENTUM}
    for grid in grids(check, bench):
        wanted, seeds = "above 0", len(grid.seeds)
        first, second = arms(both, bench, grid, grid)
        any_learns = np.any([grid.learns(name) for name in grid.optimizers], axis=0)
        first = replace(first, succeeds=any_learns)
        pairs = chosen(check["rates"], first, second, bench.alpha)
        if not pairs:
            yield no_rates(grid.label, wanted, seeds)
            continue
        momenta, correlation = _correlation(grid, [pair.first for pair in pairs])
        yield finding(
            f"{grid.label}, {len(momenta)} momenta, {len(pairs)} rate{'s' * (len(pairs) > 1)}",
            f"rank correlation of larger momentum with being {check['larger_is']} is",
            wanted,
            paired.better(sign * correlation, 0.0, bench.alpha, rank_step(len(momenta))),
            seeds,
            CORRELATION,
        )


def _correlation(grid: Grid, rates: list[int]) -> tuple[list[float], np.ndarray]:
    """The grid's momenta, without SGD, and the mean correlation over the rates for each seed."""
    known = {name: Optimizer.parse(name).momentum for name in grid.optimizers}
    momenta = [momentum for momentum in known.values() if momentum]
    if len(momenta) < 2:
        raise NotRun(f"{grid.name} has fewer than two momenta to compare")
    finals = [grid.final(name)[rates] for name, momentum in known.items() if momentum]
    scores = np.stack(finals, axis=-1)  # (rates, seeds, momenta)
    return momenta, spearman(np.broadcast_to(momenta, scores.shape), scores).mean(0)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks along the last axis, from 1; equal values get their average rank."""
    less = values[..., None, :] < values[..., :, None]
    same = values[..., None, :] == values[..., :, None]
    return less.sum(-1) + (same.sum(-1) + 1) / 2


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Correlation of the ranks along the last axis; 0 where all values are equal."""
    a, b = (r - r.mean(-1, keepdims=True) for r in (ranks(x), ranks(y)))
    scale = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, (a * b).sum(-1) / scale, 0.0)


def rank_step(n: int) -> float:
    """How far the correlation of n ranks falls below 1 if two neighbours change places."""
    return 12 / (n * (n**2 - 1))
