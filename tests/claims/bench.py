"""Sweeps of known truth in memory: no files, one bench for checks to work on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.verdict import judge

X = np.arange(-4.0, 5.0)
MOMENTA = ("sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999")
TOLERANCE, LEVEL = 0.02, 3.0  # of log losses; the untrained network's
RESOLUTION = 0.25 * TOLERANCE  # as in config/claims.yaml
Truth = Callable[[str, np.ndarray], np.ndarray]  # (optimizer, log2 of rates) -> log loss


@dataclass
class Memory:
    """A `Bench` whose grids are given: by reference, or by (reference, split) where these differ.

    h_max: {reference: {seed: its logarithm}}.
    """

    sweeps: Mapping[str | tuple[str, str], Grid]
    h_max: Mapping[str, dict[int, float]] = field(default_factory=dict)
    faithful: bool = True
    alpha: float = 0.05
    draws: int = 2000  # as in config/claims.yaml
    clock: float = 0.1
    study: object = field(init=False)

    def __post_init__(self):
        self.study = self

    def grids(self, reference: str, split: str):
        yield self.grid(reference, split)

    def grid(self, reference: str, split: str) -> Grid:
        return self.sweeps.get(reference) or self.sweeps[reference, split]

    def curvatures(self, reference: str) -> dict[int, float]:
        return self.h_max[reference]


def sweep(
    truth: Truth,
    random: np.random.Generator | None = None,
    batch: int = 32,
    noise: float = 0.002,
    seeds: int = 5,
    x: np.ndarray = X,
    epochs: int = 20,
    **changes,
) -> Grid:
    """The last `epochs` of runs whose log loss falls from 3 to the truth, with noise in each epoch.

    Half of the noise's variance is shared by all runs of a seed.
    """
    random = random or np.random.default_rng([batch, seeds])
    time = np.arange(21 - epochs, 21)
    shape = (len(MOMENTA), len(x), seeds, epochs)
    final = np.stack([truth(name, x) for name in MOMENTA])[..., None, None]
    shared = random.standard_normal((1, 1, seeds, 1))
    curves = final + (LEVEL - final) * np.exp(-time / 2)
    curves = curves + noise * (shared + random.standard_normal(shape))
    settings = {
        "name": f"b{batch}",
        "metric": "train_loss",
        "batch": batch,
        "optimizers": MOMENTA,
        "lrs": 2.0**x,
        "seeds": tuple(range(seeds)),
        "curves": np.minimum(curves, LEVEL),
        "level": LEVEL,
        "tolerance": TOLERANCE,
        "resolution": RESOLUTION,
        "updates": 1000 / batch * time,
        "seconds": np.broadcast_to(time.astype(float), shape),
    }
    return Grid(**settings | changes)


def valley(best: float = 0.0, sgd: float = 0.0, above: float = 9.0, momenta: float = 0.0) -> Truth:
    """A parabola around `best`; SGD pays `sgd`, and 0.4 per octave beyond `above`.

    momenta: how much more each momentum pays than the next smaller one.
    """

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        own = sgd + 0.4 * np.maximum(x - above, 0) if name == "sgd" else 0 * x
        return 0.05 * (x - best) ** 2 + own + momenta * MOMENTA.index(name)

    return truth


def paying(costs: Mapping[float, float], truth: Truth | None = None) -> Truth:
    """The truth (default: a parabola around 0), but SGD pays these costs at these log2 of rates."""
    truth = truth or valley()

    def paid(name: str, x: np.ndarray) -> np.ndarray:
        return truth(name, x) + (name == "sgd") * np.array([costs.get(at, 0.0) for at in x])

    return paid


def first_seeds(memory: Memory, n: int) -> Memory:
    def fewer(grid: Grid) -> Grid:
        parts = {"curves": grid.curves[:, :, :n], "seconds": grid.seconds[:, :, :n]}
        return replace(grid, seeds=grid.seeds[:n], **parts)

    return replace(
        memory,
        sweeps={key: fewer(grid) for key, grid in memory.sweeps.items()},
        h_max={key: dict(list(found.items())[:n]) for key, found in memory.h_max.items()},
    )


def verdict(check: dict, memory: Memory) -> tuple[str, str | None]:
    """The verdict on one check, and why it is open."""
    found = list(CHECKS[check["test"]]({"metrics": ["test"], **check}, memory))
    decided, decisive = judge(found, memory.alpha)
    return decided, decisive.why_open if decided == "undecided" else None
