"""Noise of batches drawn without replacement from N examples (paper App. A, eqs. 15-19).

All covariances are in units of Sigma, the covariance of single gradients with N - 1 in the
denominator. `batch` B and `population` N broadcast.
"""

from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def finite_population_factor(batch: ArrayLike, population: ArrayLike) -> Array:
    """B Var(batch mean) = 1 - B/N, exact; eq. 18 in its correct form (erratum 1)."""
    return 1 - float64(batch) / float64(population)


def paper_eq18_factor(batch: ArrayLike, population: ArrayLike) -> Array:
    """B Var(batch mean) as eqs. 17-18 have it: (1 - B/N)^2.

    It leaves out the N - B examples outside the batch, which enter the full mean with -1/N.
    """
    return finite_population_factor(batch, population) ** 2


def sum_variance(batches: ArrayLike, batch: ArrayLike, population: ArrayLike) -> Array:
    """Variance of the sum of n batch means of one shuffled epoch: (n/B)(1 - nB/N).

    Eqs. 5-7 add n independent noises, n/B, which needs n B << N; the noise of a whole epoch is 0.
    """
    n, b = float64(batches), float64(batch)
    return n / b * (1 - n * b / float64(population))
