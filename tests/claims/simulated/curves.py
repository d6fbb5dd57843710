"""What is seen during training: `curve`, and the measures of `equivalent` and `better`."""

import numpy as np

from claims.bench import MOMENTA, TOLERANCE, X, paying, sweep, valley
from claims.simulated.simulator import NOISE, ONE, Simulator, World, each, world
from largebatch.analysis.claims.grid import Grid

ALIKE, OPTIMUM = valley(), {"rule": "optimum"}
FINAL = np.stack([ALIKE(name, X) for name in MOMENTA])[..., None, None]


def of_sgd(value: float) -> np.ndarray:
    """`value` for SGD, 1 for the others, to multiply (optimizers, rates, seeds, epochs) by."""
    return np.array([value if name == "sgd" else 1.0 for name in MOMENTA])[:, None, None, None]


def detour(by: float, epochs: slice) -> World:
    """SGD is worse by `by` in some of the 20 epochs."""

    def make(random: np.random.Generator) -> Grid:
        grid = sweep(ALIKE, random, noise=NOISE)
        grid.curves[grid.index("sgd"), ..., epochs] += by
        return grid

    return each(make)


def curve() -> Simulator:
    return Simulator(
        {"test": "curve", "sweeps": ONE, "rates": OPTIMUM, "margin": 3},
        true=detour(0.0, slice(0, 1)),
        false=detour(9 * TOLERANCE, slice(8, 12)),
        edges={
            "one tenth at the margin": detour(3 * TOLERANCE, slice(8, 10)),
            "all tenths at the margin": detour(3 * TOLERANCE, slice(0, 20)),
        },
    )


def same_temperature() -> Simulator:
    arms = {"against": "b", "first": "sgd", "second": "sgd", "margin": 3}
    rates = {"rule": "same_temperature", "by": 0.25}
    small, large = (ALIKE, 32), valley(best=1)
    at_margin = paying({-3.0: 3 * TOLERANCE}, large)
    return Simulator(
        {"test": "curve", "sweeps": ONE, "rates": rates, **arms},
        true=world(a=(large, 64), b=small),
        false=world(a=(ALIKE, 64), b=small),
        edges={"one rate at the margin": world(a=(at_margin, 64), b=small)},
        open=({}, world(a=(valley(best=-4.0), 64), b=small)),
    )


def mean() -> Simulator:
    return Simulator(
        {"test": "equivalent", "measure": "mean", "sweeps": ONE, "rates": OPTIMUM},
        true=detour(0.0, slice(0, 1)),
        false=detour(9 * TOLERANCE, slice(8, 16)),
        edges={"at the margin": detour(2 * TOLERANCE, slice(8, 18))},
    )


def restless(by: float) -> World:
    """SGD's changes from epoch to epoch are `by` times those of momentum; no trend."""

    def make(random: np.random.Generator) -> Grid:
        noise = NOISE * random.standard_normal((*FINAL.shape[:2], 5, 20))
        return sweep(ALIKE, random, curves=1 + FINAL + of_sgd(by) * noise)

    return each(make)


def instability(test: str, factor: float) -> Simulator:
    wild, steady = restless(4 * factor), restless(1.0)
    return Simulator(
        {"test": test, "sweeps": ONE, "measure": "instability", "factor": factor, "rates": OPTIMUM},
        true=wild if test == "better" else steady,
        false=steady if test == "better" else wild,
        edges={"at the factor": restless(factor)},
    )


def arriving(delay: float) -> World:
    """A run arrives at a random epoch, about the sixth; one of SGD `delay` times as late.

    An epoch takes a random time, the same for all seeds of an arm.
    """

    def make(random: np.random.Generator) -> Grid:
        chance = random.standard_normal((2, *FINAL.shape[:2], 5, 1))
        arrival = np.round(6 * of_sgd(delay) * np.exp(0.2 * chance[0]))
        epochs = np.arange(1, 21)
        curves = np.where(epochs < arrival, 2.0, 0.0) + FINAL
        clock = np.exp(0.1 * chance[1, :, :, :1])
        seconds = np.broadcast_to(clock * epochs, curves.shape)
        return sweep(ALIKE, random, curves=curves, seconds=seconds)

    return each(make)


def cost(measure: str) -> Simulator:
    check = {"test": "better", "sweeps": ONE, "measure": measure, "target": "a", "slack": 2}
    return Simulator(
        {**check, "rates": {"rule": "best"}},
        true=arriving(2.5),
        false=arriving(0.4),
        edges={"alike": arriving(1.0)},
    )
