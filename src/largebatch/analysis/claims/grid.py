"""One sweep and one metric as an array of scores: what all tests of claims work on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from largebatch.analysis.claims import scores
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.ledger import Ledger
from largebatch.analysis.histories import History
from largebatch.analysis.metrics import stored_as
from largebatch.study import Run, Sweep

MOMENTUM = "momentum-0.9"  # the paper's, which most claims compare with SGD


@dataclass(frozen=True)
class Grid:
    """Scores (smaller is better) of a sweep's runs after each epoch.

    curves: (optimizers, rates, seeds, epochs), without epoch 0. A run that diverged, or is worse
    than an untrained network, counts as the untrained network, whose score is `level`: the worst
    value there is. No run is left out. tolerance: a difference of scores that does not matter.
    resolution: least standard deviation of a difference, from seed to seed. updates: (epochs,),
    cumulative. seconds: like curves, cumulative.
    """

    name: str
    metric: str
    batch: int
    optimizers: tuple[str, ...]
    lrs: np.ndarray  # effective, ascending
    seeds: tuple[int, ...]
    curves: np.ndarray
    level: float
    tolerance: float
    resolution: float
    updates: np.ndarray
    seconds: np.ndarray

    @cached_property
    def x(self) -> np.ndarray:
        return np.log2(self.lrs)

    @property
    def label(self) -> str:
        return f"{self.name}, {self.metric}"

    def final(self, optimizer: str) -> np.ndarray:
        """Scores after the last epoch, (rates, seeds)."""
        return self.curves[self.index(optimizer), ..., -1]

    def means(self, optimizer: str) -> np.ndarray:
        """Mean final scores, (rates,)."""
        return self._means[self.index(optimizer)]

    @cached_property
    def _means(self) -> np.ndarray:
        return self.curves[..., -1].mean(-1)  # (optimizers, rates)

    def learns(self, optimizer: str) -> np.ndarray:
        """Is the mean final score better than untrained by more than the tolerance? (rates,)"""
        return self.means(optimizer) < self.level - self.tolerance

    def optimum(self, optimizer: str) -> int:
        """Index of the best mean final score; at smaller rates a run is slow, not unstable."""
        return int(self.means(optimizer).argmin())

    def halfway(self, optimizer: str) -> float:
        """The midpoint of an untrained network's score and the optimizer's best mean.

        A run below it is stable. A run that merely beats an untrained network need not be: sparse
        weights start an auto-encoder at five times the error of predicting the mean.
        """
        return float(self.level + self.means(optimizer).min()) / 2

    def index(self, optimizer: str) -> int:
        """The index of an optimizer. Raises NotRun if the sweep lacks it."""
        if optimizer not in self.optimizers:
            raise NotRun(f"{self.name} has no {optimizer} in the study")
        return self.optimizers.index(optimizer)


def build_grid(
    name: str,
    sweep: Sweep,
    study: str,
    metric: str,
    epochs: int,
    read: Callable[[Run], History],
    ledger: Ledger,
) -> Grid:
    """The grid of a sweep all of whose runs exist."""
    lrs, seeds = sorted(sweep.effective_lrs), tuple(sorted(sweep.seeds))
    histories = [
        read(Run(study, sweep.task, sweep.batch, optimizer, lr, seed))
        for optimizer in sweep.optimizers
        for lr in lrs
        for seed in seeds
    ]
    shape = (len(sweep.optimizers), len(lrs), len(seeds), epochs)
    before = [history.column(scores.untrained(metric))[0] for history in histories]
    level = float(np.mean(scores.score(metric, np.array(before))))
    tolerance = scores.tolerance(metric, ledger.tolerances)
    curves = [
        _padded(scores.score(metric, h.column(stored_as(metric))[1:]), epochs, h.diverged)
        for h in histories
    ]
    return Grid(
        name=name,
        metric=metric,
        batch=sweep.batch,
        optimizers=sweep.optimizers,
        lrs=np.array(lrs),
        seeds=seeds,
        curves=np.minimum(np.nan_to_num(curves, nan=level, posinf=level), level).reshape(shape),
        level=level,
        tolerance=tolerance,
        resolution=ledger.resolution * tolerance,
        updates=_updates(histories, epochs),
        seconds=np.array([_padded(h.elapsed[1:], epochs) for h in histories]).reshape(shape),
    )


def _padded(values: np.ndarray, epochs: int, diverged: bool = False) -> np.ndarray:
    """Pad with NaN the epochs after a run's end; a diverged run's last epoch is NaN, too."""
    padded = np.full(epochs, np.nan)
    padded[: len(values)] = values
    if diverged:
        padded[max(len(values) - 1, 0) :] = np.nan
    return padded


def _updates(histories: Sequence[History], epochs: int) -> np.ndarray:
    """Cumulative updates after each epoch; all have as many as a first one without divergence."""
    steps = [history.column("step") for history in histories]
    per_epoch = max((s[1] - s[0] for s in steps if len(s) > 1), default=np.nan)
    return per_epoch * np.arange(1, epochs + 1)
