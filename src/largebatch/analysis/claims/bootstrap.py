"""A bootstrap over seeds for quantities that are not means: optima and their slopes.

This is a multiplier bootstrap: each seed's deviation from the mean gets a random Gaussian weight,
the same at every learning rate and for every optimizer, which preserves the pairing. The common
scale is studentised. For any linear function of the means the draws are then exactly Student's t,
so they agree with a t-test even for five seeds, where resampling whole seeds would give intervals
too short by a quarter. Where something begins is found by t-tests, with draws of the same form
(`onset`).

Estimates and draws are bounds (see `locate`): where the grid ends too early, a draw supports a
statement only if every value within its bounds does.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.locate import apart, minus, unknown

ROOT = 20190601  # fixed: the same runs always give the same verdicts


class Place(NamedTuple):
    """Where something happens, as bounds (2, ...), and draws of it (2, ..., draws)."""

    estimate: np.ndarray
    draws: np.ndarray

    def minus(self, other: "Place") -> "Place":
        """The difference of two places, with the largest variance (`locate.apart`)."""
        return Place(minus(self.estimate, other.estimate), apart(self.draws, other.draws))


def mean_draws(values: np.ndarray, draws: int, resolution: float, stream: int = 0) -> np.ndarray:
    """Bootstrap means over the last axis: (..., seeds) -> (..., draws).

    Needs at least two seeds. The values of one call are paired; give independent sweeps different
    `stream`s. Where seeds scatter by less than `resolution` (see `paired`), separate noise makes up
    the difference.
    """
    n, mean = values.shape[-1], values.mean(-1, keepdims=True)
    weights, scale = _weights(n, draws, stream)
    drawn = (values - mean) @ weights
    missing = np.maximum(resolution**2 - values.var(-1, ddof=1), 0.0)
    if missing.any():
        drawn += np.sqrt(missing / n)[..., None] * _noise((*missing.shape, draws), stream)
    return mean + drawn * scale


@lru_cache(maxsize=32)
def _weights(n: int, draws: int, stream: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (seeds, draws) and their common scale (draws,), cached: they take longest to draw."""
    random = np.random.default_rng((ROOT, stream, n))
    weights = random.standard_normal((n, draws)) / np.sqrt(n * (n - 1))
    return weights, 1 / np.sqrt(random.chisquare(n - 1, draws) / (n - 1))


@lru_cache(maxsize=32)
def _noise(shape: tuple[int, ...], stream: int) -> np.ndarray:
    return np.random.default_rng((ROOT, stream, 0)).standard_normal(shape)


def located(
    where: Callable[[np.ndarray], np.ndarray],
    values: np.ndarray,
    draws: int,
    resolution: float,
    stream: int = 0,
) -> Place:
    """Apply `where` to the mean scores and to draws of them; values: (..., rates, seeds).

    With a single seed, a draw can be anything.
    """
    estimate, n = where(values.mean(-1)[..., None])[..., 0], values.shape[-1]
    if n < 2:
        return Place(estimate, unknown(*estimate.shape[1:], draws))
    return Place(estimate, where(mean_draws(values, draws, resolution, stream)))


def nowhere(draws: int) -> Place:
    """A place of which nothing is known."""
    return Place(unknown(), unknown(draws))


def within(place: Place, low: float, high: float, alpha: float) -> Evidence:
    """Does the place lie in [low, high]? `against` counts both tails, as in `equivalent`."""
    draws = place.draws
    inside = (draws[0] >= low) & (draws[1] <= high)
    above = _share(~(draws[0] > high)) + _share(~(draws[0] > low))
    below = _share(~(draws[1] < low)) + _share(~(draws[1] < high))
    against = np.minimum(np.minimum(above, below), 1.0)
    return _evidence(_share(~inside), against, place, alpha)


def above(place: Place, bound: float, alpha: float) -> Evidence:
    """Does the place lie above `bound`?"""
    low, high = place.draws
    return _evidence(_share(low <= bound), _share(high > bound), place, alpha)


def _evidence(support: np.ndarray, against: np.ndarray, place: Place, alpha: float) -> Evidence:
    low, high = (np.sort(end, axis=-1) for end in place.draws)
    last = low.shape[-1] - 1
    return Evidence(
        support=support,
        against=against,
        estimate=_one(place.estimate),
        low=low[..., round(alpha * last)],
        high=high[..., round((1 - alpha) * last)],
    )


def _share(hits: np.ndarray) -> np.ndarray:
    return (hits.sum(-1) + 1) / (hits.shape[-1] + 1)


def _one(estimate: np.ndarray) -> np.ndarray:
    """The midpoint of the bounds, or the finite one of them; NaN if neither is."""
    known = np.isfinite(estimate)
    with np.errstate(invalid="ignore"):
        return np.where(known, estimate, 0.0).sum(0) / known.sum(0)
