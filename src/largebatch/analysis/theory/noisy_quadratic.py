"""The noisy quadratic model (NQM) of an experiment: same grid, batch, momentum, schedule.

Loss 1/2 sum_i h_i w_i^2 with h_i = 1/i, gradient noise of covariance h_i/B (Zhang et al. 2019,
arXiv:1907.04164), <w_i^2> = 1 at the start. Nothing is fitted. The expected loss is exact
(`moments`); an epoch costs log2(steps) products, not steps, and only where the rate changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from largebatch.analysis.theory import moments
from largebatch.analysis.theory.arrays import Array
from largebatch.analysis.theory.spectrum import Spectrum, compressed_harmonic

OVERFLOW = float(np.finfo(np.float32).max)  # above it training, in float32, ends as diverged


@dataclass(frozen=True)
class NoisyQuadratic:
    """Spectrum, noise of one example over curvature, and <w_i^2> at the start.

    To multiply the loss by c, multiply spectrum and noise by c: each effective_lr then acts like
    one c times as large.
    """

    spectrum: Spectrum = field(default_factory=compressed_harmonic)
    noise: float = 1.0
    initial_variance: float = 1.0

    def loss(self, second_moment: Array) -> Array:
        """Expected loss 1/2 sum_i h_i <w_i^2>; second_moment of shape (..., nodes)."""
        return second_moment @ (self.spectrum.curvatures * self.spectrum.counts) / 2

    def start(self, runs: int) -> moments.Moments:
        """Moments of `runs` runs before training, shape (runs, nodes)."""
        second = np.full((runs, len(self.spectrum.curvatures)), self.initial_variance)
        return moments.at_rest(0.0, second)


def minibatches(examples: int, batch: int, last_batch: str) -> list[tuple[int, int]]:
    """An epoch as [(updates, examples in the minibatch of each)], in this order.

    last_batch: `drop` or `keep` a last, smaller minibatch, as in training.
    """
    if not 1 <= batch <= examples:
        raise ValueError(f"batch {batch} must lie between 1 and the {examples} examples")
    full, rest = divmod(examples, batch)
    return [(full, batch), *([(1, rest)] if rest and last_batch == "keep" else [])]


def expected_losses(
    model: NoisyQuadratic,
    effective_lrs: ArrayLike,
    momenta: ArrayLike,
    batch: int,
    examples: int,
    multipliers: Sequence[float],
    last_batch: str = "drop",
) -> Array:
    """Expected loss before training and after every epoch, shape (epochs + 1, runs).

    effective_lrs and momenta: shape (runs,), one entry per run. multipliers: the schedule, one
    factor per epoch. last_batch: as in `minibatches`. inf or nan where a run has overflowed.
    """
    lrs, m = (np.asarray(values, dtype=np.float64)[:, None] for values in (effective_lrs, momenta))
    h, sizes = model.spectrum.curvatures, minibatches(examples, batch, last_batch)
    state = model.start(len(lrs))  # (runs, nodes)
    losses = [model.loss(state.ww)]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # divergence is a value
        for factor, epochs in groupby(multipliers):
            steps = [
                moments.repeat(
                    moments.one_update(factor * lrs, m, h, model.noise * h / size), count
                )
                for count, size in sizes
            ]
            epoch = reduce(moments.then, steps)
            for _ in epochs:
                state = moments.advance(state, epoch)
                losses.append(model.loss(state.ww))
    return np.stack(losses)


def diverged(losses: Array) -> NDArray[np.bool_]:
    """Which runs have diverged by each epoch, shape of `losses` (epochs + 1, runs).

    A run has from the first epoch whose loss single precision cannot hold: training's own rule.
    """
    broken = ~(losses <= OVERFLOW)  # nan compares false
    return np.logical_or.accumulate(broken, axis=0)
