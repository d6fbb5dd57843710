"""Exact moments against brute force, simulation and closed forms (eqs. 2, 5-8)."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import moments, stability
from theory.brute_force import after

phases = st.lists(st.tuples(st.floats(0.01, 3.0), st.integers(1, 40)), min_size=1, max_size=4)


def _step_by_step(schedule, m, h, u, mean, second):
    """The recurrences of eq. 8 written out, one step at a time."""
    w, v, ww, wv, vv = mean, 0.0, second, 0.0, 0.0
    yield w, v, ww, wv, vv
    for e_eff, steps in schedule:
        e = e_eff * (1 - m)
        for _ in range(steps):
            v, vv, wv = m * v + h * w, m * m * vv + 2 * m * h * wv + h * h * ww + u, m * wv + h * ww
            w, ww, wv = w - e * v, ww - 2 * e * wv + e * e * vv, wv - e * vv
            yield w, v, ww, wv, vv


@given(phases, st.floats(0, 0.99), st.floats(0.05, 2.0), st.floats(0, 2), st.floats(-2, 2))
@example([(0.99999, 2)], 0.0, 1.0, 0.0, 0.0)  # nearly all of the weights is gone in one step
@settings(max_examples=100, deadline=None)
def test_any_schedule_equals_the_recurrence(schedule, m, h, u, mean):
    second = mean**2 + 0.5
    got = after(schedule, m, h, u, moments.at_rest(mean, second))
    steps = np.array(list(_step_by_step(schedule, m, h, u, mean, second)))
    scale = np.abs(steps).max()  # cancellation is relative to the largest moment on the way
    assert np.allclose(np.stack(got), steps[-1], rtol=1e-9, atol=1e-11 * scale)


@given(phases, st.floats(0, 0.99))
@settings(max_examples=30, deadline=None)
def test_a_phase_may_be_split_anywhere(schedule, m):
    start = moments.at_rest(1.0, 1.0)
    whole = after(schedule, m, 0.3, 0.1, start)
    split = [(e, 1) for e, steps in schedule for _ in range(steps)]
    assert np.allclose(whole, after(split, m, 0.3, 0.1, start), rtol=1e-9, atol=1e-12)


def test_simulation_agrees_within_its_error():
    rng = np.random.default_rng(0)
    schedule, m, h, u, draws = [(0.8, 15), (0.4, 10)], 0.9, 0.7, 0.5, 40_000
    w, v = np.ones(draws), np.zeros(draws)
    for e_eff, steps in schedule:
        for _ in range(steps):
            v = m * v + h * w + np.sqrt(u) * rng.standard_normal(draws)
            w = w - e_eff * (1 - m) * v
    exact = after(schedule, m, h, u, moments.at_rest(1.0, 1.0))
    for samples, value in zip((w, v, w * w, w * v, v * v), exact, strict=True):
        assert abs(samples.mean() - value) < 4 * samples.std() / np.sqrt(draws)


@given(st.floats(0.01, 1.9), st.integers(1, 10_000))
@settings(max_examples=30, deadline=None)
def test_sgd_has_its_closed_form(x, steps):
    decay = (1 - x) ** (2 * steps)
    expected = decay + (1 - decay) * x**2 / (1 - (1 - x) ** 2)
    got = after([(x, steps)], 0.0, 1.0, 1.0, moments.at_rest(1.0, 1.0))
    assert got.ww == pytest.approx(expected, rel=1e-9)


def test_at_the_edge_of_stability_the_variance_grows_linearly():
    got = after([(2.0, 4800)], 0.0, 1.0, 1 / 1024, moments.at_rest(1.0, 1.0))
    assert got.ww == pytest.approx(1 + 4800 * 4 / 1024, rel=1e-12)


@pytest.mark.parametrize("m", [0.0, 0.9])
def test_beyond_it_the_moments_overflow_without_a_warning(m):
    unstable = 2 * stability.stable_below(1.0, m)
    got = after([(unstable, 10**6)], m, 1.0, 1.0, moments.at_rest(1.0, 1.0))
    assert not np.isfinite(got.ww)


def test_arguments_broadcast():
    lrs, h = np.array([0.1, 0.5, 1.0])[:, None], np.array([1.0, 0.5])
    start = moments.at_rest(0.0, np.ones((3, 2)))
    together = after([(lrs, 20)], 0.9, h, h, start).ww
    alone = after([(0.5, 20)], 0.9, 0.5, 0.5, moments.at_rest(0.0, 1.0)).ww
    assert together.shape == (3, 2)
    assert together[1, 1] == alone


def test_n_steps_are_one_step_of_n_times_the_rate_to_first_order():
    """Eqs. 5-7 freeze the gradient; the error of the mean is n(n-1)/2 (e h)^2."""
    n = 10
    for x in (1e-3, 1e-4):
        steps = after([(x, n)], 0.0, 1.0, 0.0, moments.at_rest(1.0, 1.0)).w
        assert steps - (1 - n * x) == pytest.approx(n * (n - 1) / 2 * x**2, rel=10 * x)


def test_linear_scaling_holds_in_the_mean_square():
    """Sec. 1.1: the same T and epochs give the same variance, up to order e_eff h."""
    for base, updates in ((2e-3, 1000), (2e-4, 10_000)):
        small, large = (
            after([(k * base, updates // k)], 0.9, 1.0, 0.3 / k, moments.at_rest(1, 1)).ww
            for k in (1, 4)
        )
        assert large == pytest.approx(small, rel=100 * base)


def test_zero_steps_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        moments.repeat(moments.one_update(0.1, 0.9, 1.0, 1.0), 0)
