"""Sums of momentum updates against the quadruple sum of eqs. 20-22, in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import momentum_sums

momenta = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)


def _quadruple_sum(terms, before, m):
    """(1-m)^2 sum_q sum_w sum_i m^(q+w-2i), split at the window's start (eqs. 22-23)."""
    first = second = Fraction(0)
    for q in range(before, before + terms):
        for w in range(before, before + terms):
            for i in range(min(q, w) + 1):
                share = m ** (q + w - 2 * i)
                first, second = (first + share, second) if i >= before else (first, second + share)
    return (1 - m) ** 2 * first, (1 - m) ** 2 * second


@given(terms=st.integers(1, 8), before=st.integers(0, 6), m=momenta)
@settings(max_examples=40, deadline=None)
def test_both_sums_equal_the_quadruple_sum(terms, before, m):
    first, second = _quadruple_sum(terms, before, m)
    total = float((first + second) / terms)
    assert momentum_sums.first_sum(terms, float(m)) == pytest.approx(float(first), rel=1e-9)
    assert momentum_sums.second_sum(terms, float(m), before) == pytest.approx(
        float(second), rel=1e-9
    )
    assert momentum_sums.covariance(terms, float(m), before) == pytest.approx(total, rel=1e-9)


def _shortfall(terms, m):
    """How far eq. 26 overstates the stationary covariance (docs/errata.md)."""
    return 2 * m * (1 - m**terms) / (terms * (1 - m**2))


@given(terms=st.integers(1, 500), m=st.floats(0, 0.99))
@settings(max_examples=100, deadline=None)
def test_the_stationary_covariance_is_one_less_its_shortfall(terms, m):
    expected = 1 - _shortfall(terms, m)
    assert momentum_sums.covariance(terms, m) == pytest.approx(expected, abs=1e-9)


@given(n=st.integers(1, 300), m=st.floats(0.01, 0.99))
@settings(max_examples=50, deadline=None)
def test_the_papers_lines_are_the_sums_they_stand_for(n, m):
    lines = momentum_sums.paper_eq24(n, m)
    powers = 1 - m ** np.arange(n + 2)
    assert lines["lines 1-2"] == pytest.approx(powers.sum(), rel=1e-9, abs=1e-9)
    assert lines["line 3"] == pytest.approx(powers[:-1].sum(), rel=1e-9, abs=1e-9)
    assert momentum_sums.first_sum(n + 1, m) < lines["lines 1-2"]  # the dropped term is negative


def test_eqs_25_and_26_are_limits():
    m = np.linspace(0.01, 0.99, 99)
    eq25 = m**2 / (1 - m**2)
    assert momentum_sums.second_sum(10_000, m) == pytest.approx(eq25)
    assert np.all(eq25 < 1 / (1 - m))  # below eq. 25
    assert momentum_sums.covariance(10**7, 0.9) == pytest.approx(1, abs=1e-6)


def test_known_values():
    lines = momentum_sums.paper_eq24(100, 0.9)
    assert momentum_sums.first_sum(101, 0.9) == pytest.approx(87.26, abs=0.005)
    assert list(lines.values()) == pytest.approx([92.0, 91.0, 90.0, 100.0], abs=1e-3)
    dropped, kept = lines["lines 1-2"] - momentum_sums.first_sum(101, 0.9), 101 - lines["lines 1-2"]
    assert (dropped, kept) == pytest.approx((0.9 / (1 - 0.9**2), 0.9 / (1 - 0.9)), rel=1e-3)
    assert 0.9**43 > 0.01 > 0.9**44
    assert 1 - momentum_sums.covariance(44, 0.9) == pytest.approx(0.21, abs=0.005)
    for m, updates in ((0.9, 190), (0.99, 1990), (0.9999, 199_990)):
        assert momentum_sums.terms_for_shortfall(0.05, m) == pytest.approx(updates, rel=5e-3)
        assert 1 - momentum_sums.covariance(updates, m) == pytest.approx(0.05, rel=5e-3)
