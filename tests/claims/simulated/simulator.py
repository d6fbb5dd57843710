"""The simulator of a kind of test, and what its worlds are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from claims.bench import TOLERANCE, Memory, Truth, X, sweep
from largebatch.analysis.claims.grid import Grid

World = Callable[[np.random.Generator], Memory]  # makes one study of five seeds
NOISE = TOLERANCE / 4  # of a run, and as much again of its seed
ONE, TWO = ["a"], ["a", "b"]
BELOW = {"rule": "below", "by": 0.25}
LOW = X[X <= -2]  # the rates that BELOW selects where the optimum is 1


@dataclass(frozen=True)
class Simulator:
    """A check, worlds in which its claim is true and false, and worlds on the border.

    On the border both verdicts are wrong, and each may come out in a share alpha of the
    studies. open: changes of the check, and a world, in which the grid leaves the claim open.
    """

    check: dict
    true: World
    false: World
    edges: Mapping[str, World]
    open: tuple[dict, World] | None = None

    @property
    def worlds(self) -> dict[str, World]:
        return {"true": self.true, "false": self.false, **self.edges}


def final(truth: Truth, random: np.random.Generator, noise: float = NOISE, **settings) -> Grid:
    """A sweep of which only the last epoch is simulated."""
    return sweep(truth, random, noise=noise, epochs=1, **settings)


def world(noise: float = NOISE, **truths: Truth | tuple[Truth, int]) -> World:
    """Sweeps of these names; a truth may come with its batch size (default 32)."""
    pairs = {name: t if isinstance(t, tuple) else (t, 32) for name, t in truths.items()}

    def study(random: np.random.Generator) -> Memory:
        return Memory({k: final(t, random, noise, batch=b) for k, (t, b) in pairs.items()})

    return study


def each(make: Callable[[np.random.Generator], Grid]) -> World:
    """One sweep, `a`."""
    return lambda random: Memory({"a": make(random)})


def gaps(*last: float) -> dict[float, float]:
    """What SGD pays at the largest rates, given in tolerances: by log2 of the rate."""
    return dict(zip(X[-len(last) :], TOLERANCE * np.array(last), strict=True))
