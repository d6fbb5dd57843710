"""`optimum` and the thresholds."""

import numpy as np

from claims.bench import TOLERANCE, Memory, Truth, paying, valley
from claims.simulated.simulator import ONE, Simulator, World, final, gaps, world

LOUD = TOLERANCE  # noise


def bowl(best: float, steep: float) -> Truth:
    return lambda name, x: steep * (x - best) ** 2


def cliff(name: str, x: np.ndarray) -> np.ndarray:
    """Worse by the tolerance up to 2, flat beyond."""
    return np.where(x > 1, 0.0, TOLERANCE) + 0.1 * np.maximum(-x, 0)


def optimum() -> Simulator:
    """Near 1: between 1/2 and 2."""
    return Simulator(
        {"test": "optimum", "sweeps": ONE, "near": 1},
        true=world(a=valley(best=0.4)),
        false=world(a=valley(best=2.3)),
        edges={
            "one step off": world(a=bowl(1.0, 3 * TOLERANCE)),
            "one step off, loud": world(LOUD, a=bowl(-1.0, 3 * TOLERANCE)),
            "far off, at the tolerance": world(a=bowl(2.0, TOLERANCE / 4)),
            "one step off, at the tolerance": world(a=bowl(1.0, TOLERANCE)),
            "far off, flat, at the tolerance": world(a=cliff),
        },
        open=({"near": 3}, world(a=valley())),  # not a rate of the grid
    )


def plateau() -> Simulator:
    """The optimum is far, but the score near 1 is as good."""
    check = {"test": "optimum", "sweeps": ONE, "near": 1}
    return Simulator(
        check,
        true=world(a=bowl(2.5, TOLERANCE / 40)),
        false=world(a=bowl(2.5, TOLERANCE)),
        edges={"at the tolerance": world(a=bowl(3.0, TOLERANCE / 9))},
    )


def threshold() -> Simulator:
    """Near 4: from 2 to 8, the rates of the fourth to the second last gap."""

    def at(*last: float) -> World:
        return world(a=paying(gaps(*last)))

    return Simulator(
        {"test": "threshold", "sweeps": ONE, "near": 4},
        true=at(9, 9, 9),
        false=at(9, 9, 9, 9, 9, 9, 9),
        edges={
            "gap of the last but one": at(1, 9),
            "gap below the lower end": at(1, 9, 9, 9, 9),
            "all gaps": at(1, 1, 1, 1, 1),
            "gaps from the middle on": at(1, 1, 1),
        },
        open=({"near": 16}, at(0)),
    )


def over_optimum() -> Simulator:
    def at(*last: float, best: float, noise: float = TOLERANCE / 4) -> World:
        return world(noise, a=paying(gaps(*last), valley(best=best)))

    return Simulator(
        {"test": "threshold_over_optimum", "sweeps": ONE, "least": 4},
        true=at(9, 9, best=-0.3),
        false=at(9, 9, 9, 9, best=-0.3),
        edges={
            "optimum at the ratio": at(9, 9, 9, best=0.0),
            "optimum at the ratio, loud": at(9, 9, 9, best=0.0, noise=LOUD),
            "a gap": at(1, 9, 9, 9, best=-0.5),
            "all gaps": at(1, 1, 1, 1, best=-0.5),
        },
        open=({}, world(a=valley(best=4.0))),
    )


def train_first() -> Simulator:
    def at(train: tuple, test: tuple) -> World:
        truths = {("a", "train"): paying(gaps(*train)), ("a", "test"): paying(gaps(*test))}
        return lambda random: Memory({key: final(t, random) for key, t in truths.items()})

    return Simulator(
        {"test": "threshold_train_first", "sweeps": ONE},
        true=at((9, 9, 9, 9), (9, 9)),
        false=at((9, 9), (9, 9, 9, 9)),
        edges={
            "a gap of test": at((9, 9, 9), (1, 9, 9)),
            "a gap of train": at((1, 9, 9), (9, 9)),
            "all gaps of test": at((9, 9, 9), (1, 1, 1)),
        },
        open=({}, at((0,), (0,))),
    )
