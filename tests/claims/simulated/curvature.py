"""`curvature_ratio` and `curvature_threshold`."""

import numpy as np

from claims.bench import Memory, paying
from claims.simulated.simulator import ONE, Simulator, World, final, gaps


def measured(random: np.random.Generator, h_max: float) -> dict[int, float]:
    """Logarithms by seed, with a spread of a fifth."""
    return dict(enumerate(np.log(h_max) + 0.2 * random.standard_normal(5)))


def curvature_ratio() -> Simulator:
    def ratio(by: float) -> World:
        return lambda random: Memory(
            {}, h_max={"a": measured(random, by), "b": measured(random, 1.0)}
        )

    return Simulator(
        {"test": "curvature_ratio", "sweeps": ONE, "against": "b", "factor": 10},
        true=ratio(20.0),
        false=ratio(5.0),
        edges={"10 times": ratio(10.0)},
    )


def curvature_threshold() -> Simulator:
    """If the grid shows momentum better from 4 up, it may be better from just above 2 up."""

    def at(h_max: float, *last: float) -> World:
        return lambda random: Memory(
            {"a": final(paying(gaps(*last)), random)}, h_max={"a": measured(random, h_max)}
        )

    return Simulator(
        {"test": "curvature_threshold", "sweeps": ONE, "factor": 3},
        true=at(1 / 4, 9, 9, 9),
        false=at(12 / 4, 9, 9, 9),
        edges={
            "3 times": at(3 / 4, 9, 9, 9),
            "3 times, from the rate before": at(3 / 2, 9, 9, 9),
            "a third": at(1 / 12, 9, 9, 9),
            "a third, from the rate before": at(1 / 6, 9, 9, 9),
            "a gap": at(4 / 4, 1, 9, 9, 9),
            "all gaps": at(4 / 4, 1, 1, 1, 1),
        },
        open=({}, at(1 / 16, 0)),
    )
