"""Sweeps of known truth in memory: no files, one bench for checks to work on."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import judge
from largebatch.analysis.claims.grid import Grid

X = np.arange(-4.0, 5.0)
MOMENTA = ("sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999")
Truth = Callable[[str, np.ndarray], np.ndarray]  # (optimizer, log2 of rates) -> log loss


@dataclass
class Memory:
    """A `Bench` whose grids are given, by reference; train and test are the same."""

    sweeps: dict[str, Grid]
    faithful: bool = True
    alpha: float = 0.05
    draws: int = 500
    study: object = field(init=False)

    def __post_init__(self):
        self.study = self

    def grids(self, reference: str, split: str):
        yield self.sweeps[reference]

    def grid(self, reference: str, split: str) -> Grid:
        return self.sweeps[reference]

    def tolerance(self, grid: Grid) -> float:
        return 0.02


def sweep(truth: Truth, batch: int = 32, noise: float = 0.002, seeds: int = 5, **changes) -> Grid:
    """Runs whose log loss falls from 3 to the truth within 20 epochs, with noise in each epoch."""
    random = np.random.default_rng([batch, seeds])
    shape = (len(MOMENTA), len(X), seeds, 20)
    final = np.stack([truth(name, X) for name in MOMENTA])[..., None, None]
    shared = random.standard_normal((1, 1, seeds, 1))
    curves = final + (3 - final) * np.exp(-np.arange(1, 21) / 2)
    curves = curves + noise * (shared + random.standard_normal(shape))
    grid = Grid(
        name=f"b{batch}",
        metric="train_loss",
        batch=batch,
        optimizers=MOMENTA,
        lrs=2.0**X,
        seeds=tuple(range(seeds)),
        curves=np.minimum(curves, 3.0),
        level=3.0,
        updates=1000 / batch * np.arange(1, 21),
        seconds=np.broadcast_to(np.arange(1.0, 21), shape),
        diverged=0,
    )
    return grid if not changes else Grid(**{**grid.__dict__, **changes})


def valley(best: float = 0.0, sgd: float = 0.0, above: float = 9.0, momenta: float = 0.0) -> Truth:
    """A parabola around `best`; SGD pays `sgd`, and 0.4 an octave beyond `above`.

    momenta: what each larger momentum pays more than the one before.
    """

    def truth(name: str, x: np.ndarray) -> np.ndarray:
        own = sgd + 0.4 * np.maximum(x - above, 0) if name == "sgd" else 0 * x
        return 0.05 * (x - best) ** 2 + own + momenta * MOMENTA.index(name)

    return truth


def verdict(check: dict, sweeps: dict[str, Grid], **settings) -> tuple[str, str | None]:
    """The verdict on one check, and why it is open."""
    memory = Memory(sweeps, **settings)
    found = list(CHECKS[check["test"]]({"metrics": ["test"], **check}, memory))
    decided, decisive = judge(found, memory.alpha)
    return decided, decisive.why_open if decided == "undecided" else None
