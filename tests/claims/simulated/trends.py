"""`gap_growth`, `flatter` and `rank`."""

import numpy as np

from claims.bench import TOLERANCE, Truth, paying, valley
from claims.simulated.comparisons import NO_RATE_BELOW, plateau
from claims.simulated.simulator import BELOW, ONE, Simulator, World, world


def gap_growth() -> Simulator:
    def at(*gaps: float, width: int = 0) -> World:
        """Gaps in tolerances, from the rate below the plateau (`width` either side of 1) up."""
        costs = {x - width - 1.0: TOLERANCE * gap for x, gap in enumerate(gaps)}
        return world(a=paying(costs, plateau(width)))

    return Simulator(
        {"test": "gap_growth", "sweeps": ONE, "factor": 2},
        true=at(1, 6),
        false=at(3, 3),
        edges={
            "twice the gap": at(2, 4),
            "twice the gap, flat": at(2, 4, 8, 16, width=1),
            "the tolerance": at(0, 1),
        },
        open=({}, world(a=valley(best=-4.0))),
    )


def flatter() -> Simulator:
    sharp, shallow, flat = valley(), bowl(0.02), plateau(1)

    def as_sensitive(name: str, x: np.ndarray) -> np.ndarray:
        """No plateau, and the same rise: 0.08 on average over five rates."""
        return np.abs(x) / 15

    return Simulator(
        {"test": "flatter", "sweeps": ONE, "against": "b"},
        true=world(a=shallow, b=(sharp, 64)),
        false=world(a=sharp, b=(shallow, 64)),
        edges={
            "alike": world(a=sharp, b=(sharp, 64)),
            "alike, flat": world(a=flat, b=(flat, 64)),
            "flat against not": world(a=flat, b=(as_sensitive, 64)),
        },
        open=({}, world(a=valley(best=-4.0), b=(sharp, 64))),
    )


def bowl(steep: float) -> Truth:
    return lambda name, x: steep * x**2


def rank() -> Simulator:
    return Simulator(
        {"test": "rank", "sweeps": ONE, "larger_is": "worse", "rates": BELOW},
        true=world(a=valley(momenta=TOLERANCE)),
        false=world(a=valley(momenta=-TOLERANCE)),
        edges={"alike": world(a=valley())},
        open=NO_RATE_BELOW,
    )
