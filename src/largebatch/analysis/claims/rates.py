"""The learning rates at which two arms are compared.

A rate that is chosen because its scores are best looks better than it is, by luck. Each rate that
may be the true best is one more chance for such luck, so evidence in favour of the arm for which a
rate was chosen is corrected for their number (Bonferroni).
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.evidence import Array, NotRun
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.paired import Chances

ROUNDING = 1e-9  # relative: equal rates may differ so much


@dataclass(frozen=True)
class Arm:
    """One optimizer of a grid, with what is compared of it.

    values: (rates, seeds), smaller is better. resolution: (rates,), least standard deviation of a
    seed's value. succeeds: (rates,), whether there is anything to compare: the optimizer learns
    (`Grid.learns`) or, where costs are compared, reaches the target with some seed.
    """

    grid: Grid
    optimizer: str
    values: np.ndarray
    resolution: np.ndarray
    succeeds: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """Final scores, (rates, seeds)."""
        return self.grid.final(self.optimizer)

    @property
    def means(self) -> np.ndarray:
        """Mean final scores, (rates,)."""
        return self.grid.means(self.optimizer)

    def at(self, rate: int, seeds: list[int]) -> np.ndarray:
        """Values at a rate for these seeds, in this order, so that two arms can be paired."""
        return self.values[rate, [self.grid.seeds.index(seed) for seed in seeds]]

    def best(self, alpha: float) -> tuple[int, int]:
        """The index of the rate with the best values, and how many may be best (see `best`).

        Of equal ones it is one at which the optimizer succeeds: a run that reaches a target in its
        last epoch costs as much as one that does not reach it.
        """
        order = np.argsort(~self.succeeds, kind="stable")
        rate, count = best(self.values[order], alpha, np.sqrt(2) * self.resolution.max())
        return int(order[rate]), count


class Pair(NamedTuple):
    """The index of each arm's rate. chances: of luck in favour of the first and the second arm."""

    first: int
    second: int
    chances: Chances = (1, 1)


def common_seeds(a: Grid, b: Grid) -> list[int]:
    """The seeds that both grids have, ascending. Raises NotRun if there are none."""
    seeds = sorted(set(a.seeds) & set(b.seeds))
    if not seeds:
        raise NotRun(f"{a.name} and {b.name} have no seed in common")
    return seeds


def best(values: np.ndarray, alpha: float, resolution: float) -> tuple[int, int]:
    """The index of the best rate, and how many rates may be best: not worse at level alpha.

    values: (rates, seeds). resolution: that of a difference of two values.
    """
    rate = int(values.mean(-1).argmin())
    worse = paired.better(values - values[rate], 0.0, alpha, resolution)
    return rate, int((worse.support >= alpha).sum())


def chosen(rule: dict, a: Arm, b: Arm, alpha: float) -> list[Pair]:
    """Pairs of rates by `rule`, as the schema of config/claims.yaml describes it.

    There are none if neither arm succeeds anywhere: then nothing can be compared.
    """
    if not (a.succeeds.any() or b.succeeds.any()):
        return []
    by, lr, pairs = rule.get("by", 1), a.grid.lrs, _matching(a, b)
    large = [p for p in pairs if a.succeeds[p.first] or b.succeeds[p.second]]
    match rule["rule"]:
        case "best":
            (i, of_a), (j, of_b) = (arm.best(alpha) for arm in (a, b))
            return [Pair(i, j, (of_a, of_b))]
        case "optimum":
            return _at_optimum(a, b, pairs, alpha)
        case "same_temperature":
            low = _up_to(lr, by * _optimum(a))
            return [p for p in _matching(a, b, a.grid.batch / b.grid.batch) if low[p.first]]
        case "stable":
            slow = np.arange(len(b.means)) < b.grid.optimum(b.optimizer)
            stable = slow | (b.scores < b.grid.halfway(b.optimizer)).all(-1)
            return list(takewhile(lambda p: stable[p.second], pairs))
        case "all":
            return pairs
        case "below":
            low = _up_to(lr, by * _optimum(a, b))
            return [p for p in pairs if low[p.first]]
        case "above":
            low = _up_to(lr, by * _optimum(a, b))
            return [p for p in large if not low[p.first]]
        case "smallest":
            return pairs[: int(by)]
        case "largest":
            return large[-int(by) :]
    raise ValueError(f"no rule {rule['rule']!r}")


def _at_optimum(a: Arm, b: Arm, pairs: list[Pair], alpha: float) -> list[Pair]:
    """Both arms at the best rate of either, if both have it: chosen for the arm that does best."""
    first = a.means.min() <= b.means.min()
    in_doubt = best((a if first else b).scores, alpha, a.grid.resolution)[1]
    chances = (in_doubt, 1) if first else (1, in_doubt)
    same = _same(a.grid.lrs, _optimum(a, b))
    return [p._replace(chances=chances) for p in pairs if same[p.first]]


def _optimum(*arms: Arm) -> float:
    """The rate with the best mean final score of all arms."""
    return min((arm.means.min(), arm.grid.lrs[arm.means.argmin()]) for arm in arms)[1]


def _matching(a: Arm, b: Arm, ratio: float = 1.0) -> list[Pair]:
    """Pairs of rates with lr_a = ratio * lr_b, ascending."""
    same = _same(a.grid.lrs[:, None], ratio * b.grid.lrs)
    return [Pair(int(i), int(j)) for i, j in np.argwhere(same)]


def _same(lr: Array, other: Array) -> np.ndarray:
    """Are two rates equal, except for rounding?"""
    return np.abs(lr - other) <= ROUNDING * np.abs(other)


def _up_to(lrs: np.ndarray, bound: float) -> np.ndarray:
    """Which rates are at most the bound, or above it only by rounding?"""
    return lrs <= bound * (1 + ROUNDING)
