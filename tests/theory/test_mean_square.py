"""Multiplicative noise: limits against the dense operator, moments against real batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import mean_square, moments, stability

BATCHES = np.array([1, 8, 32, 128, 512, 1024, 4096, 16384])


def _radius(e_eff, m, h, batch):
    operator = mean_square.second_moment_operator(e_eff, m, h, batch)
    return abs(np.linalg.eigvals(operator)).max()


def test_known_values():
    sgd = mean_square.isotropic_limit(BATCHES, 100)
    ball = mean_square.isotropic_limit(BATCHES, 100, 0.9)
    known_sgd = [0.0196, 0.147, 0.481, 1.118, 1.671, 1.820, 1.952, 1.988]
    known_ball = [0.0198, 0.158, 0.623, 2.376, 8.003, 13.22, 25.88, 34.02]
    assert sgd == pytest.approx(known_sgd, rel=2e-3)
    assert ball == pytest.approx(known_ball, rel=2e-3)
    assert ball / sgd == pytest.approx([1.01, 1.08, 1.30, 2.13, 4.79, 7.26, 13.3, 17.1], rel=6e-3)
    assert sgd == pytest.approx(2 * BATCHES / (BATCHES + 101), rel=1e-12)


@given(
    h=st.lists(st.floats(0.05, 5.0), min_size=1, max_size=6),
    m=st.floats(0, 0.95),
    batch=st.integers(1, 3000),
)
@settings(max_examples=60, deadline=None)
def test_at_the_limit_the_dense_operator_has_radius_one(h, m, batch):
    limit = mean_square.stability_limit(batch, h, m)
    assert _radius(limit, m, h, batch) == pytest.approx(1, abs=1e-6)
    assert _radius(0.99 * limit, m, h, batch) < 1 < _radius(1.01 * limit, m, h, batch)


@given(
    d=st.integers(1, 50), m=st.floats(0, 0.99), batch=st.integers(1, 10_000), h=st.floats(0.1, 9)
)
@settings(max_examples=50, deadline=None)
def test_equal_curvatures_have_the_closed_form(d, m, batch, h):
    closed = mean_square.isotropic_limit(batch, d, m, h)
    assert mean_square.stability_limit(batch, np.full(d, h), m) == pytest.approx(closed, rel=1e-9)


@pytest.mark.parametrize("m", [0.0, 0.9])
def test_noise_limits_small_batches_and_curvature_large_ones(m):
    assert mean_square.isotropic_limit(1, 10**6, m) == pytest.approx(2 / (10**6 + 1), rel=1e-5)
    assert mean_square.isotropic_limit(1e12, 100, m) == pytest.approx(
        stability.stable_below(1.0, m)
    )
    critical = mean_square.critical_batch(100, m)
    assert mean_square.isotropic_limit(critical, 100, m) == pytest.approx(critical / 101)


def test_moments_are_powers_of_the_operator():
    h, m, batch = np.array([1.0, 0.5, 0.2]), 0.8, 4
    operator = mean_square.second_moment_operator(0.3, m, h, batch)
    start = np.concatenate([np.ones(3), np.zeros(6)])
    end = mean_square.after([(0.3, 25)], m, h, batch, moments.at_rest(0.0, np.ones(3)))
    expected = np.linalg.matrix_power(operator, 25) @ start
    assert np.concatenate([end.ww, end.wv, end.vv]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("m", [0.0, 0.7])
def test_real_batches_agree_within_their_error(m):
    """Least squares on fresh Gaussian examples with label noise, run as it stands."""
    rng = np.random.default_rng(1)
    h, batch, e_eff, label_noise, draws = np.array([1.0, 0.4]), 3, 0.2, 0.5, 20_000
    w, v = np.ones((draws, 2)), np.zeros((draws, 2))
    for _ in range(20):
        x = np.sqrt(h) * rng.standard_normal((draws, batch, 2))
        residual = (x * w[:, None]).sum(-1)
        residual += np.sqrt(label_noise) * rng.standard_normal((draws, batch))
        v = m * v + (residual[..., None] * x).mean(1)
        w = w - e_eff * (1 - m) * v
    start = moments.at_rest(1.0, np.ones(2))
    exact = mean_square.after([(e_eff, 20)], m, h, batch, start, label_noise)
    for samples, value in ((w, exact.w), (w * w, exact.ww), (w * v, exact.wv), (v * v, exact.vv)):
        error = samples.std(0) / np.sqrt(draws)
        assert np.all(np.abs(samples.mean(0) - value) < 4.5 * error)


@pytest.mark.parametrize("m", [0.0, 0.9])
def test_the_noise_decays_below_the_limit_and_grows_above(m):
    h, batch = np.ones(100), 8
    limit = mean_square.isotropic_limit(batch, 100, m)
    start = moments.at_rest(1.0, np.ones(100))
    ends = [mean_square.after([(f * limit, 3000)], m, h, batch, start).ww for f in (0.9, 1.1)]
    assert ends[0].max() < 1e-3 and ends[1].min() > 1e3
