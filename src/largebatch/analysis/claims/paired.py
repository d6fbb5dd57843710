"""One-sided paired t-tests on differences of scores, shape (..., seeds).

Where all seeds agree (counts, ranks) the t-test knows no doubt; the sign test's p-value 2^-seeds is
taken then, and the interval has no end if that is not below alpha. Seeds that took 100 and 200
updates, and 150 and 300, agree, though their logarithms differ in the last digit.

SciPy's Student distribution; `scipy.stats` would take longer to import than all claims to decide.
"""

from dataclasses import replace

import numpy as np
from scipy.special import stdtr, stdtrit

from largebatch.analysis.claims.evidence import Array, Evidence

Chances = tuple[Array, Array]
ONCE = (1, 1)
ROUNDING = 1e-12  # scores are logarithms and shares, of the order of 1


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
    n, (mean, error) = differences.shape[-1], _moments(differences, shared)
    above, below = (
        np.minimum(chance * _p(n, mean - least, error, sign), 1.0)
        for chance, sign in zip(chances, (-1, 1), strict=True)
    )
    return Evidence(above, below, mean, *_ends(n, mean, error, alpha, chances))


def equivalent(
    differences: np.ndarray,
    tolerance: float,
    alpha: float,
    chances: Chances = ONCE,
    shared: float = 0.0,
) -> Evidence:
    """Does the mean difference lie within +-`tolerance`? Two one-sided tests (Schuirmann 1987).

    It fails if the mean is too large or too small. Where noise hides the tolerance these are two
    chances to err, so the p-value counts both tails; elsewhere the far one is nothing.
    """
    low, high = (
        better(differences, bound, alpha, chances, shared) for bound in (-tolerance, tolerance)
    )
    inside = np.maximum(low.support, high.against)
    outside = np.minimum(high.support + low.support, low.against + high.against)
    return replace(low, support=inside, against=np.minimum(outside, 1.0))


def _p(n: int, distance: Array, error: Array, sign: int) -> Array:
    if n < 2:
        return np.ones(np.shape(distance))[()]
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(n - 1, sign * distance / error)
    agreed = np.where(np.abs(distance) <= ROUNDING, 1.0, np.maximum(p, 0.5**n))
    return np.where(error == 0, agreed, p)[()]


def _ends(n: int, mean: Array, error: Array, alpha: float, chances: Chances) -> tuple[Array, Array]:
    """Of the interval of confidence 1 - 2 alpha: where the p-values are alpha."""
    below, above = (_reach(n, error, alpha / chance) for chance in chances)
    return mean - below, mean + above


def _reach(n: int, error: Array, alpha: Array) -> Array:
    """From the mean to an end."""
    if n < 2:
        return np.full(np.shape(error), np.inf)[()]
    agreed = np.where(0.5**n < alpha, 0.0, np.inf)
    return np.where(error == 0, agreed, stdtrit(n - 1, 1 - alpha) * error)[()]


def agree(values: np.ndarray) -> np.ndarray:
    """Are all seeds the same, but for rounding? (..., seeds) -> (...)."""
    return np.ptp(values, axis=-1) <= ROUNDING


def _moments(differences: np.ndarray, shared: float = 0.0) -> tuple[Array, Array]:
    """Mean and its standard error: exactly `shared` where all agree, as for one seed."""
    n, same = differences.shape[-1], agree(differences)
    variance = np.where(same, 0.0, differences.var(-1) / max(n - 1, 1))
    mean = np.where(same, differences[..., 0], differences.mean(-1))
    return mean[()], np.sqrt(variance + shared**2)[()]
