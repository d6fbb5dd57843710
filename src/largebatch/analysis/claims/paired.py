"""One-sided paired t-tests on differences of scores, shape (..., seeds).

Where all seeds agree exactly (counts, ranks) the t-test knows no doubt; the sign test's p-value
2^-seeds is taken then.

SciPy's Student distribution; `scipy.stats` would take longer to import than all claims to decide.
"""

from dataclasses import replace

import numpy as np
from scipy.special import stdtr, stdtrit

from largebatch.analysis.claims.evidence import Array, Evidence

Chances = tuple[Array, Array]
ONCE = (1, 1)


def p_above(differences: np.ndarray, bound: float) -> Array:
    """p-value of 'the mean difference is at most `bound`'; 1 for fewer than two seeds."""
    return _p(differences.shape[-1], *_moments(differences), bound, sign=-1)


def p_below(differences: np.ndarray, bound: float) -> Array:
    """p-value of 'the mean difference is at least `bound`'; 1 for fewer than two seeds."""
    return _p(differences.shape[-1], *_moments(differences), bound, sign=1)


def interval(
    differences: np.ndarray, alpha: float, chances: Chances = ONCE
) -> tuple[Array, Array, Array]:
    """Mean and the ends of its interval of confidence 1 - 2 alpha; infinite for one seed.

    chances: as in `better`; the ends are where its p-values are alpha.
    """
    return _interval(differences.shape[-1], *_moments(differences), alpha, chances)


def better(
    differences: np.ndarray,
    least: float,
    alpha: float,
    chances: Chances = ONCE,
    shared: float = 0.0,
) -> Evidence:
    """Is the mean difference above the least effect `least`?

    chances: by which the p-values of being above and of being below are multiplied (Bonferroni).
    shared: standard error that all seeds have in common, so that their spread does not show it.
    """
    n, moments = differences.shape[-1], _moments(differences, shared)
    above, below = (
        _times(chance, _p(n, *moments, least, sign))
        for chance, sign in zip(chances, (-1, 1), strict=True)
    )
    return Evidence(above, below, *_interval(n, *moments, alpha, chances))


def equivalent(
    differences: np.ndarray,
    tolerance: float,
    alpha: float,
    chances: Chances = ONCE,
    shared: float = 0.0,
) -> Evidence:
    """Does the mean difference lie within +-`tolerance`? Two one-sided tests (Schuirmann 1987)."""
    low, high = (
        better(differences, bound, alpha, chances, shared) for bound in (-tolerance, tolerance)
    )
    inside = np.maximum(low.support, high.against)
    return replace(low, support=inside, against=np.minimum(high.support, low.against))


def _times(chances: Array, p: Array) -> Array:
    return np.minimum(chances * p, 1.0)


def _p(n: int, mean: Array, error: Array, bound: float, sign: int) -> Array:
    if n < 2:
        return np.ones(np.shape(mean))[()]
    distance = mean - bound
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(n - 1, sign * distance / error)
    agreed = np.where(distance == 0, 1.0, np.maximum(p, 0.5**n))
    return np.where(error == 0, agreed, p)[()]


def _interval(
    n: int, mean: Array, error: Array, alpha: float, chances: Chances
) -> tuple[Array, Array, Array]:
    if n < 2:
        return mean, mean - np.inf, mean + np.inf
    below, above = (stdtrit(n - 1, 1 - alpha / chance) * error for chance in chances)
    return mean, mean - below, mean + above


def _moments(differences: np.ndarray, shared: float = 0.0) -> tuple[Array, Array]:
    """Mean and its standard error: exactly `shared` where all agree, as for one seed."""
    n, first = differences.shape[-1], differences[..., :1]
    shift = (differences - first).mean(-1)
    squares = ((differences - first - shift[..., None]) ** 2).sum(-1)
    return first[..., 0] + shift, np.sqrt(squares / (n * max(n - 1, 1)) + shared**2)
