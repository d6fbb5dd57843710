"""A bootstrap over seeds for what is no mean: optima and their slopes.

Multiplier bootstrap: each seed's deviation from the mean gets a random Gaussian weight, the same at
every learning rate and for every optimizer, so that the pairing stays. The common scale is
studentised. For any linear function of the means the draws then are exactly Student's t, so that
they agree with a t-test even with five seeds; resampling whole seeds would give intervals too short
by a quarter there. Where something begins is found by t-tests, with draws of the same form
(`onset`).

Estimates and draws are bounds (see `locate`): where the grid ends too early, a draw speaks for a
statement only if all values in its bounds do.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.locate import unknown

ROOT = 20190601  # fixed: the same runs always give the same verdicts


def mean_draws(values: np.ndarray, draws: int, stream: int = 0) -> np.ndarray:
    """Bootstrapped means over the last axis: (..., seeds) -> (..., draws).

    At least two seeds. Values of one call are paired; give independent sweeps different `stream`s.
    """
    mean = values.mean(-1, keepdims=True)
    return mean + (values - mean) @ _weights(values.shape[-1], draws, stream)


@lru_cache(maxsize=32)
def _weights(n: int, draws: int, stream: int) -> np.ndarray:
    """(seeds, draws); drawing them takes longer than all else."""
    random = np.random.default_rng((ROOT, stream, n))
    weights = random.standard_normal((n, draws)) / np.sqrt(n * (n - 1))
    return weights / np.sqrt(random.chisquare(n - 1, draws) / (n - 1))


def located(
    where: Callable[[np.ndarray], np.ndarray], values: np.ndarray, draws: int, stream: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (2, ...) and (2, ..., draws): `where` of the mean scores, and of their draws.

    values (..., rates, seeds). With one seed a draw can be anything.
    """
    estimate = where(values.mean(-1)[..., None])[..., 0]
    if values.shape[-1] < 2:
        return estimate, unknown(*estimate.shape[1:], draws)
    return estimate, where(mean_draws(values, draws, stream))


def within(
    draws: np.ndarray, low: float, high: float, estimate: np.ndarray, alpha: float
) -> Evidence:
    """Does the parameter lie in [low, high]? Against it both tails count, as in `equivalent`."""
    inside = (draws[0] >= low) & (draws[1] <= high)
    above = _share(~(draws[0] > high)) + _share(~(draws[0] > low))
    below = _share(~(draws[1] < low)) + _share(~(draws[1] < high))
    against = np.minimum(np.minimum(above, below), 1.0)
    return _evidence(_share(~inside), against, draws, estimate, alpha)


def above(draws: np.ndarray, bound: float, estimate: np.ndarray, alpha: float) -> Evidence:
    """Is the parameter above `bound`?"""
    support, against = _share(draws[0] <= bound), _share(draws[1] > bound)
    return _evidence(support, against, draws, estimate, alpha)


def _evidence(
    support: np.ndarray, against: np.ndarray, draws: np.ndarray, estimate: np.ndarray, alpha: float
) -> Evidence:
    low, high = (np.sort(end, axis=-1) for end in draws)
    last = draws.shape[-1] - 1
    return Evidence(
        support=support,
        against=against,
        estimate=_one(estimate),
        low=low[..., round(alpha * last)],
        high=high[..., round((1 - alpha) * last)],
    )


def _share(hits: np.ndarray) -> np.ndarray:
    return (hits.sum(-1) + 1) / (hits.shape[-1] + 1)


def _one(estimate: np.ndarray) -> np.ndarray:
    """The middle of the bounds, or the finite one."""
    low, high = estimate
    finite = np.where(np.isfinite(low), low, high)
    both = np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        return np.where(both, (low + high) / 2, np.where(np.isfinite(finite), finite, np.nan))
