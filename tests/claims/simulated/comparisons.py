"""`equivalent` and `better` of final scores, under each rule for which rates are compared."""

import numpy as np

from claims.bench import LEVEL, TOLERANCE, Truth, paying, valley
from claims.simulated.simulator import BELOW, LOW, ONE, Simulator, gaps, world

ALIKE, UNLIKE = valley(), valley(sgd=3 * TOLERANCE)
NO_RATE_BELOW = {}, world(a=valley(best=-4.0))
BEST = {"rule": "best"}


def peak(width: int, shift: float) -> Truth:
    """SGD is best at 1 alone, and worse by `shift` than momentum from 1/2^width to 2^width."""

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        if name == "sgd":
            return 0.2 * np.abs(x) + shift
        return plateau(width)(name, x)

    return truth


def plateau(width: int) -> Truth:
    """As good at `width` rates on either side of 1, and far worse beyond."""
    return lambda name, x: 0.2 * np.maximum(np.abs(x) - width, 0)


def equivalent() -> Simulator:
    return Simulator(
        {"test": "equivalent", "sweeps": ONE, "rates": BELOW},
        true=world(a=ALIKE),
        false=world(a=UNLIKE),
        edges={
            "one rate at the margin": world(a=paying({-3.0: TOLERANCE})),
            "all rates at the margin": world(a=paying(dict.fromkeys(LOW, TOLERANCE))),
        },
        open=NO_RATE_BELOW,
    )


def equivalent_at_best() -> Simulator:
    return Simulator(
        {"test": "equivalent", "sweeps": ONE, "rates": BEST},
        true=world(a=ALIKE),
        false=world(a=UNLIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "flat over 3 rates": world(a=peak(1, TOLERANCE)),
            "flat over 7 rates": world(a=peak(3, TOLERANCE)),
            "flat, other side": world(a=peak(1, -TOLERANCE)),
        },
    )


def better() -> Simulator:
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": {"rule": "largest", "by": 2}},
        true=world(a=valley(above=1)),
        false=world(a=ALIKE),
        edges={
            "one rate at the margin": world(a=paying(gaps(1, 9))),
            "all rates at the margin": world(a=paying(gaps(1, 1))),
        },
        open=({}, world(a=lambda name, x: LEVEL + 1 + 0 * x)),  # nothing learns
    )


def better_at_best() -> Simulator:
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": BEST},
        true=world(a=UNLIKE),
        false=world(a=ALIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "flat over 3 rates": world(a=peak(1, TOLERANCE)),
            "flat over 7 rates": world(a=peak(3, TOLERANCE)),
        },
    )


def not_worse() -> Simulator:
    """SGD of one sweep against momentum of another (C5)."""
    arms = {"first": "sgd", "second": "momentum-0.9", "against": "b"}
    large, small = (ALIKE, 1024), valley
    return Simulator(
        {"test": "better", "sweeps": ONE, "margin": -1, "rates": BEST, **arms},
        true=world(a=small(), b=large),
        false=world(a=small(sgd=3 * TOLERANCE), b=large),
        edges={
            "at the margin": world(a=small(sgd=TOLERANCE), b=large),
            "flat over 7 rates": world(a=peak(0, TOLERANCE), b=(plateau(3), 1024)),
        },
    )


def better_at_optimum() -> Simulator:
    margin = dict.fromkeys((-1.0, 0.0, 1.0), TOLERANCE)
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": {"rule": "optimum"}},
        true=world(a=UNLIKE),
        false=world(a=ALIKE),
        edges={
            "at the margin": world(a=valley(sgd=TOLERANCE)),
            "both flat over 3 rates": world(a=paying(margin, plateau(1))),
        },
    )


def early() -> Simulator:
    arms = {"first": "sgd", "second": "momentum-0.999", "measure": "early", "margin": 0}
    others = dict.fromkeys((-4.0, -2.0), -3 * TOLERANCE)
    return Simulator(
        {"test": "better", "sweeps": ONE, "rates": BELOW, **arms},
        true=world(a=valley(momenta=TOLERANCE)),
        false=world(a=valley(momenta=-TOLERANCE)),
        edges={"all rates alike": world(a=ALIKE), "one rate alike": world(a=paying(others))},
        open=NO_RATE_BELOW,
    )
