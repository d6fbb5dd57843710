"""`slope`, `slope_below` and `critical_batch`."""

import numpy as np

from claims.bench import LEVEL, TOLERANCE, Truth, valley
from claims.simulated.comparisons import peak
from claims.simulated.simulator import TWO, Simulator, World, world


def shifted(by: float, start: float = -2.0) -> World:
    """The optimum moves by `by` octaves while the batch grows by three."""
    return world(a=(valley(best=start), 8), b=(valley(best=by + start), 64))


UNBOUNDED = {}, shifted(3.0, start=-4.0)


def slope() -> Simulator:
    return Simulator(
        {"test": "slope", "sweeps": TWO, "near": 1},
        true=shifted(3.0),
        false=shifted(0.5),
        edges={"a step too small": shifted(2.0), "a step too large": shifted(4.0)},
        open=UNBOUNDED,
    )


def slope_below() -> Simulator:
    return Simulator(
        {"test": "slope_below", "sweeps": TWO, "below": 1},
        true=shifted(1.5),
        false=shifted(4.2),
        edges={"slope 1": shifted(3.0)},
        open=UNBOUNDED,
    )


def cliff(last: float, at_level: tuple[float, ...] = ()) -> Truth:
    """Stable up to `last`; at the rates `at_level` half-way to the untrained network."""

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        scores = np.where(x > last, LEVEL - TOLERANCE / 4, 0.0)
        return np.where(np.isin(x, at_level), LEVEL / 2, scores)

    return truth


def slope_of_stable() -> Simulator:
    def at(first: float, second: float, *at_level: float) -> World:
        truths = {"a": (cliff(first), 8), "b": (cliff(second, at_level), 64)}
        return world(TOLERANCE / 20, **truths)

    return Simulator(
        {"test": "slope", "of": "stable", "optimizers": ["sgd"], "sweeps": TWO, "near": 1},
        true=at(-2, 1),
        false=at(-2, -1),
        edges={
            "a rate on the border": at(-2, -1, 0.0),
            "the last rates on the border": at(-2, 2, 0.0, 1.0, 2.0),
        },
        open=({}, at(0, 4)),
    )


def critical_batch() -> Simulator:
    def at(*costs: float, width: int = 0) -> World:
        """Gaps at the optimum, in tolerances, at the three batches of each group."""
        batches = zip("abcdef", costs, 2 * (8, 64, 512), strict=True)
        return world(**{name: (peak(width, TOLERANCE * c), b) for name, c, b in batches})

    return Simulator(
        {"test": "critical_batch", "sweeps": ["a", "b", "c"], "against": ["d", "e", "f"]},
        true=at(0, 9, 9, 0, 0, 9),
        false=at(0, 0, 9, 0, 9, 9),
        edges={
            "a gap of the first": at(0, 1, 9, 0, 9, 9),
            "a gap of the second": at(0, 9, 9, 0, 1, 9),
            "all gaps of the second": at(0, 9, 9, 0, 1, 1),
            "all gaps of the first": at(1, 1, 1, 0, 0, 9),
            "momentum flat over 3 rates": at(0, 9, 9, 0, 1, 9, width=1),
        },
        open=({}, at(9, 9, 9, 9, 9, 9)),
    )
