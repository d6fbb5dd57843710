"""Batches without replacement: every subset and every shuffle of small populations, exactly."""

from fractions import Fraction
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import batches

GRADIENTS = [Fraction(g) for g in (3, -1, 4, 1, -5, 9, 2)]


def _mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


def _sigma(values):
    mean = _mean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _batch_factor(values, batch):
    """B Var(batch mean)/Sigma over every subset of size `batch`."""
    full = _mean(values)
    variance = _mean((_mean(subset) - full) ** 2 for subset in combinations(values, batch))
    return batch * variance / _sigma(values)


@pytest.mark.parametrize("population", range(2, 8))
def test_every_subset_gives_the_exact_factor_and_not_the_papers(population):
    values = GRADIENTS[:population]
    for batch in range(1, population + 1):
        factor = float(_batch_factor(values, batch))
        assert batches.finite_population_factor(batch, population) == pytest.approx(
            factor, abs=1e-14
        )
        if batch < population:
            assert batches.paper_eq18_factor(batch, population) < factor


@given(st.lists(st.integers(-50, 50), min_size=3, max_size=7, unique=True), st.data())
@settings(max_examples=40, deadline=None)
def test_the_factor_is_the_same_for_any_gradients(integers, data):
    batch = data.draw(st.integers(1, len(integers)))
    factor = _batch_factor([Fraction(i) for i in integers], batch)
    assert factor == 1 - Fraction(batch, len(integers))


def test_at_half_the_data_the_paper_is_two_times_too_small():
    assert batches.finite_population_factor(25_000, 50_000) == 0.5
    assert batches.paper_eq18_factor(25_000, 50_000) == 0.25


def test_the_papers_factor_is_the_variance_of_the_batchs_own_terms():
    """Eq. 17 keeps the B examples of the batch, weight 1/B - 1/N, taken as independent."""
    b, n = 3, 7
    own_terms = b * Fraction(1, b) ** 2 * (1 - Fraction(b, n)) ** 2
    assert batches.paper_eq18_factor(b, n) == pytest.approx(float(b * own_terms), rel=1e-14)


def test_every_shuffle_of_an_epoch():
    values, b = GRADIENTS[:6], 2
    full, sigma = _mean(values), _sigma(values)
    noises = [
        [_mean(order[i : i + b]) - full for i in range(0, 6, b)] for order in permutations(values)
    ]
    for n in (1, 2, 3):
        variance = _mean(sum(noise[:n]) ** 2 for noise in noises) / sigma
        assert batches.sum_variance(n, b, 6) == pytest.approx(float(variance), abs=1e-15)
    assert batches.sum_variance(3, b, 6) == 0


@given(n=st.integers(1, 100), b=st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_the_sum_is_its_variances_and_covariances(n, b):
    """Two batches of an epoch have covariance -1/N (eq. 19's delta says 0)."""
    population = 2 * n * b
    variance = batches.finite_population_factor(b, population) / b
    expected = n * variance - n * (n - 1) / population
    assert batches.sum_variance(n, b, population) == pytest.approx(expected, rel=1e-9)
