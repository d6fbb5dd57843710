"""Covariance of the noise of n consecutive momentum updates (paper App. B, eqs. 20-26).

g_q = (1-m) sum_{j<=q} m^(q-j) delta_j is the averaged noise of update q, with <delta delta'> =
Sigma. All sums here are <(sum_q g_q)(sum_q g_q)'> in units of Sigma, over `terms` updates; the
paper's sums run from s to s + n, which is terms = n + 1.
"""

import numpy as np
from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def first_sum(terms: ArrayLike, momentum: ArrayLike) -> Array:
    """The part of eq. 23 from noise drawn within the window (i >= s), exact; eq. 24 corrected.

    sum_{k=1}^{n} (1 - m^k)^2 = n - 2m(1-m^n)/(1-m) + m^2 (1-m^2n)/(1-m^2).
    """
    n, m = float64(terms), float64(momentum)
    return n - 2 * m * (1 - m**n) / (1 - m) + m**2 * (1 - m ** (2 * n)) / (1 - m**2)


def second_sum(terms: ArrayLike, momentum: ArrayLike, before: ArrayLike = np.inf) -> Array:
    """The part of eq. 23 from noise drawn before the window (i < s), exact; `before` = s updates.

    (1-m^n)^2 m^2 (1-m^2s)/(1-m^2); eq. 25 is its limit m^s, m^n << 1.
    """
    n, m, s = map(float64, (terms, momentum, before))
    return (1 - m**n) ** 2 * m**2 * (1 - m ** (2 * s)) / (1 - m**2)


def covariance(terms: ArrayLike, momentum: ArrayLike, before: ArrayLike = np.inf) -> Array:
    """<zz'>/Sigma, z = sum of `terms` updates' noise / sqrt(terms) (eqs. 20-23), exact.

    After a long time (`before` = inf) it is 1 - 2m(1-m^n)/(n(1-m^2)); eq. 26 is its limit 1.
    """
    total = first_sum(terms, momentum) + second_sum(terms, momentum, before)
    return total / float64(terms)


def terms_for_shortfall(share: ArrayLike, momentum: ArrayLike) -> Array:
    """Updates n after which `covariance` is within `share` of eq. 26, in the limit m^n << 1."""
    m = float64(momentum)
    return 2 * m / (float64(share) * (1 - m**2))


def paper_eq24(n: ArrayLike, momentum: ArrayLike) -> dict[str, Array]:
    """What each line of eq. 24 gives for the first sum (terms = n + 1), times (1-m)^2.

    Lines 1-2 let one of the two inner sums run to infinity, sum_{k=1}^{n+1} (1 - m^k), which drops
    a boundary term of m/(1-m^2) and keeps one of m/(1-m), for m^n << 1; line 3 has n in place of
    n + 1 in that sum; line 4 is its limit m^n << 1, with 1/(1-m) in place of m/(1-m); the final
    form drops that term too.
    """
    n, m = float64(n), float64(momentum)
    return {
        "lines 1-2": n + 1 - m * (1 - m ** (n + 1)) / (1 - m),
        "line 3": n - m * (1 - m**n) / (1 - m),
        "line 4": n - 1 / (1 - m),
        "final": n,
    }
