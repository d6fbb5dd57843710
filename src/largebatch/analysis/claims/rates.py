"""At which learning rates two arms are compared."""

from dataclasses import dataclass

import numpy as np

from largebatch.analysis.claims.grid import Grid


@dataclass(frozen=True)
class Arm:
    """One optimizer of a grid; values (rates, seeds): what is compared, smaller is better."""

    grid: Grid
    optimizer: str
    values: np.ndarray

    @property
    def final(self) -> np.ndarray:
        """Mean final score, (rates,)."""
        return self.grid.final[self.grid.index(self.optimizer)].mean(-1)

    def at(self, rate: int, seeds: list[int]) -> np.ndarray:
        """Values at a rate for these seeds, so that two arms are paired."""
        return self.values[rate, [self.grid.seeds.index(seed) for seed in seeds]]


def common_seeds(*grids: Grid) -> list[int]:
    return sorted(set.intersection(*(set(grid.seeds) for grid in grids)))


def chosen(rule: dict, a: Arm, b: Arm, tolerance: float) -> list[tuple[int, int]]:
    """Pairs (rate of a, rate of b) by `rule`, as the schema of config/claims.yaml describes it.

    A rate is live if the better arm there beats an untrained network by more than `tolerance`.
    """
    by = rule.get("by", 1)
    if rule["rule"] == "best":
        return [tuple(int(np.argmin(arm.values.mean(-1))) for arm in (a, b))]
    if rule["rule"] == "same_temperature":
        return _matching(a, b, a.grid.batch / b.grid.batch, a.grid.lrs <= by * _optimum([a]))
    return _selected(rule["rule"], by, a, b, _matching(a, b), tolerance)


def _selected(
    rule: str, by: float, a: Arm, b: Arm, pairs: list[tuple[int, int]], tolerance: float
) -> list[tuple[int, int]]:
    lr, optimum = a.grid.lrs, _optimum([a, b])
    live = [p for p in pairs if min(a.final[p[0]], b.final[p[1]]) < a.grid.level - tolerance]
    match rule:
        case "all":
            return pairs
        case "optimum":
            return [p for p in pairs if lr[p[0]] == optimum]
        case "below":
            return [p for p in pairs if lr[p[0]] <= by * optimum]
        case "above":
            return [p for p in live if lr[p[0]] > by * optimum]
        case "smallest":
            return pairs[: int(by)]
        case "largest":
            return live[-int(by) :]
        case "stable":
            return pairs[: _stable([b.final[p[1]] < b.grid.level - tolerance for p in pairs])]
    raise ValueError(f"no rule {rule!r}")


def _stable(works: list[bool]) -> int:
    """How many of the smallest rates work one after another."""
    return works.index(False) if False in works else len(works)


def _optimum(arms: list[Arm]) -> float:
    """The rate with the best mean final score of all arms."""
    return min((arm.final.min(), arm.grid.lrs[arm.final.argmin()]) for arm in arms)[1]


def _matching(
    a: Arm, b: Arm, ratio: float = 1.0, wanted: np.ndarray | None = None
) -> list[tuple[int, int]]:
    """Rates of both grids with lr_a = ratio * lr_b, ascending."""
    same = np.isclose(a.grid.lrs[:, None], ratio * b.grid.lrs[None, :], rtol=1e-9)
    return [(int(i), int(j)) for i, j in np.argwhere(same) if wanted is None or wanted[i]]
