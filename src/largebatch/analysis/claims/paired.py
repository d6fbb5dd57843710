"""One-sided paired t-tests on differences of scores, shape (..., seeds).

Where all seeds agree exactly (counts, ranks) the t-test knows no doubt; the sign test's p-value
2^-seeds is taken then.

SciPy's Student distribution; `scipy.stats` would take longer to import than all claims to decide.
"""

import numpy as np
from scipy.special import stdtr, stdtrit

from largebatch.analysis.claims.evidence import Array, Evidence


def p_above(differences: np.ndarray, bound: float) -> Array:
    """p-value of 'the mean difference is at most `bound`'; 1 for fewer than two seeds."""
    return _p(np.asarray(differences), bound, sign=-1)


def p_below(differences: np.ndarray, bound: float) -> Array:
    """p-value of 'the mean difference is at least `bound`'; 1 for fewer than two seeds."""
    return _p(np.asarray(differences), bound, sign=1)


def interval(differences: np.ndarray, alpha: float) -> tuple[Array, Array, Array]:
    """Mean and the ends of its interval of confidence 1 - 2 alpha; infinite for one seed."""
    n = differences.shape[-1]
    mean = differences.mean(-1)
    half = stdtrit(n - 1, 1 - alpha) * _standard_error(differences) if n > 1 else np.inf
    return mean, mean - half, mean + half


def better(differences: np.ndarray, least: float, alpha: float) -> Evidence:
    """Is the mean difference above the least effect `least`?"""
    return Evidence(
        p_above(differences, least), p_below(differences, least), *interval(differences, alpha)
    )


def equivalent(differences: np.ndarray, tolerance: float, alpha: float) -> Evidence:
    """Does the mean difference lie within +-`tolerance`? Two one-sided tests (Schuirmann 1987)."""
    inside = np.maximum(p_above(differences, -tolerance), p_below(differences, tolerance))
    outside = np.minimum(p_above(differences, tolerance), p_below(differences, -tolerance))
    return Evidence(inside, outside, *interval(differences, alpha))


def _p(differences: np.ndarray, bound: float, sign: int) -> Array:
    n = differences.shape[-1]
    if n < 2:
        return np.ones(differences.shape[:-1])[()]
    distance, error = differences.mean(-1) - bound, _standard_error(differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(n - 1, sign * distance / error)
    agreed = np.where(distance == 0, 1.0, np.maximum(p, 0.5**n))
    return np.where(error == 0, agreed, p)[()]


def _standard_error(differences: np.ndarray) -> Array:
    return differences.std(-1, ddof=1) / np.sqrt(differences.shape[-1])
