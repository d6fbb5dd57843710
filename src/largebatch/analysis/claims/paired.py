"""One-sided paired t-tests on differences of scores, shape (..., seeds).

A few seeds may agree by chance, or because what is compared comes in steps (whole epochs, ranks,
failed runs). Their spread then shows less doubt than there is, and none where they agree exactly.
So a difference is taken to scatter from seed to seed by at least a `resolution`, which does not
depend on the spread: no p-value below 1/2 is smaller than the t-test's, and of two samples with the
same mean, the one that agrees better is never the weaker evidence.

Student's distribution is `scipy.special`'s; importing `scipy.stats` would take longer than deciding
all claims.
"""

import numpy as np
from scipy.special import stdtr, stdtrit

from largebatch.analysis.claims.evidence import Array, Evidence

Chances = tuple[Array, Array]
ONCE = (1, 1)


def better(
    differences: np.ndarray,
    least: float,
    alpha: float,
    resolution: Array,
    chances: Chances = ONCE,
    shared: float = 0.0,
) -> Evidence:
    """Is the mean difference above the least effect `least`?

    resolution: least standard deviation of one seed's difference, above 0.
    chances: factors on the p-values of being above and of being below (Bonferroni).
    shared: standard error that all seeds have in common, so that their spread does not show it.
    """
    n, mean = differences.shape[-1], differences.mean(-1)
    error = _error(differences, resolution, shared)
    above, below = (
        np.minimum(chance * _p(n, sign * (mean - least) / error), 1.0)
        for chance, sign in zip(chances, (-1, 1), strict=True)
    )
    low, high = (_reach(n, error, alpha / chance) for chance in chances)
    return Evidence(above, below, mean, mean - low, mean + high)


def equivalent(
    differences: np.ndarray,
    tolerance: float,
    alpha: float,
    resolution: Array,
    chances: Chances = ONCE,
    shared: float = 0.0,
) -> Evidence:
    """Does the mean difference lie within +-`tolerance`? Two one-sided tests (Schuirmann 1987).

    It fails if the mean is too large or too small. Where noise hides the tolerance these are two
    chances to err, so `against` counts both tails; elsewhere the far one is negligible.
    """
    low, high = (
        better(differences, bound, alpha, resolution, chances, shared)
        for bound in (-tolerance, tolerance)
    )
    inside = np.maximum(low.support, high.against)
    outside = np.minimum(high.support + low.support, low.against + high.against)
    return low._replace(support=inside, against=np.minimum(outside, 1.0))


def _error(differences: np.ndarray, resolution: Array, shared: float) -> Array:
    """Standard error of the mean. One seed has no spread, and decides nothing anyway."""
    n = differences.shape[-1]
    variance = differences.var(-1) * n / max(n - 1, 1)
    return np.sqrt(np.maximum(variance, np.square(resolution)) / n + shared**2)


def _p(n: int, t: Array) -> Array:
    return stdtr(n - 1, t) if n > 1 else np.ones(np.shape(t))[()]


def _reach(n: int, error: Array, alpha: Array) -> Array:
    """Distance from the mean to an end of the 1 - 2 alpha confidence interval, where p is alpha."""
    return stdtrit(n - 1, 1 - alpha) * error if n > 1 else np.full(np.shape(error), np.inf)[()]
