"""Limits of SGD and heavy ball against eigenvalues and trajectories (eqs. 8, 13-14)."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import stability
from theory.brute_force import update_matrix

momenta = st.floats(0.0, 0.999)
curvatures = st.floats(1e-3, 1e3)


@given(x=st.floats(1e-4, 1e3), m=momenta, h=curvatures)
@settings(max_examples=100, deadline=None)
def test_spectral_radius_is_the_largest_eigenvalue(x, m, h):
    e_eff = x / h
    eigenvalues = np.linalg.eigvals(update_matrix(e_eff, m, h))
    # a double eigenvalue is known to the square root of rounding only
    assert stability.spectral_radius(e_eff, m, h) == pytest.approx(abs(eigenvalues).max(), rel=1e-5)


@given(m=momenta, h=curvatures)
@settings(max_examples=50, deadline=None)
def test_stability_limit_is_where_the_radius_crosses_one(m, h):
    limit = stability.stable_below(h, m)
    assert stability.spectral_radius(limit, m, h) == pytest.approx(1, abs=1e-9)
    assert stability.spectral_radius(0.99 * limit, m, h) < 1
    assert stability.spectral_radius(1.01 * limit, m, h) > 1


@pytest.mark.parametrize("m", [0.0, 0.5, 0.9, 0.99])
def test_oscillation_starts_where_the_trajectory_changes_sign(m):
    h = 3.0
    onset = stability.oscillates_above(h, m)
    assert _changes_sign(1.05 * onset, m, h)
    assert not _changes_sign(0.95 * onset, m, h)


def _changes_sign(e_eff, m, h):
    w, v = 1.0, 0.0
    for _ in range(5000):
        v = m * v + h * w
        w -= e_eff * (1 - m) * v
        if w < 0:
            return True
    return False


@given(x=st.floats(1e-3, 3.0), m=st.floats(0.01, 0.99))
@settings(max_examples=100, deadline=None)
def test_sgd_contracts_faster_exactly_between_the_two_limits(x, m):
    low, high = stability.sgd_contracts_faster(1.0, m)
    assume(min(abs(x - low), abs(x - high)) > 1e-6)
    faster = abs(1 - x) < stability.spectral_radius(x, m, 1.0)
    assert faster == (low < x < high)


@pytest.mark.parametrize(
    ("m", "ratio", "stable", "oscillates", "faster"),
    [
        (0.5, 3, 6, 0.1716, (0.293, 1.71)),
        (0.9, 19, 38, 0.02633, (0.0513, 1.949)),
        (0.99, 199, 398, 0.002513, (0.00502, 1.995)),
        (0.999, 1999, 3998, 2.5e-4, (5.0e-4, 1.999)),
        (0.9999, 2e4, 4e4, 2.5e-5, (5.0e-5, 2.000)),
    ],
)
def test_known_values(m, ratio, stable, oscillates, faster):
    assert stability.stable_below(1.0, m) / stability.stable_below(1.0) == pytest.approx(
        ratio, 1e-3
    )
    assert stability.stable_below(1.0, m) == pytest.approx(stable, rel=1e-3)
    assert stability.oscillates_above(1.0, m) == pytest.approx(oscillates, rel=1e-3)
    assert stability.sgd_contracts_faster(1.0, m) == pytest.approx(faster, rel=3e-3)
    assert (stability.oscillates_above(4.0), stability.stable_below(4.0)) == (0.25, 0.5)
