"""The noise floor: a fixed point of the update, and the two regimes of sec. 2."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import moments, stability, stationary
from theory.brute_force import after


@given(
    share=st.floats(0.001, 0.99),
    m=st.floats(0, 0.99),
    h=st.floats(0.01, 100),
    u=st.floats(0.01, 10),
)
@settings(max_examples=100, deadline=None)
def test_one_update_leaves_the_stationary_moments_unchanged(share, m, h, u):
    e_eff = share * stability.stable_below(h, m)
    ww, e = stationary.variance(e_eff, m, h, u), e_eff * (1 - m)
    vv = (h**2 * ww + u) / (1 - m**2 + m * h * e)
    still = (ww, -e / 2 * vv, vv)
    state = moments.Moments(np.float64(0), np.float64(0), *still)
    after = moments.advance(state, moments.one_update(e_eff, m, h, u))
    scale = max(map(abs, still))
    assert np.allclose(after[2:], still, rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.parametrize("m", [0.0, 0.9, 0.99])
def test_long_training_reaches_it(m):
    end = after([(0.5, 10_000)], m, 1.0, 0.1, moments.at_rest(1.0, 1.0))
    assert end.ww == pytest.approx(stationary.variance(0.5, m, 1.0, 0.1), rel=1e-9)


def test_it_depends_on_the_temperature_alone_to_first_order():
    """Secs. 1.1 and 1.2: T Sigma/(2h), whatever the momentum, as e_eff h -> 0."""
    for x in (1e-2, 1e-3):
        floor = stationary.variance(x, np.array([0.0, 0.9, 0.99]), 1.0, 1 / x)
        assert np.all(np.abs(floor / 0.5 - 1) < x)


@pytest.mark.parametrize(("x", "ratio"), [(0.01, 1.005), (0.1, 1.05), (1.0, 1.95), (2.0, np.inf)])
def test_known_ratios(x, ratio):
    assert stationary.variance_ratio(x, 0.9) == pytest.approx(ratio, rel=2e-3)


@given(x=st.floats(1e-3, 1.99), m=st.floats(0, 0.999))
@settings(max_examples=50, deadline=None)
def test_the_ratio_is_that_of_the_variances_and_at_least_one(x, m):
    sgd, ball = (stationary.variance(x, momentum, 1.0, 1.0) for momentum in (0.0, m))
    assert stationary.variance_ratio(x, m) == pytest.approx(sgd / ball, rel=1e-12)
    assert sgd >= ball


@pytest.mark.parametrize("m", [0.0, 0.9])
def test_there_is_none_at_the_stability_limit(m):
    assert stationary.variance(1.001 * stability.stable_below(1.0, m), m, 1.0, 1.0) == np.inf
