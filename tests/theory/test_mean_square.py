"""Multiplicative noise: limits against the dense operator, the operator against real batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import mean_square, stability
from theory.brute_force import second_moment_operator

BATCHES = np.array([1, 8, 32, 128, 512, 1024, 4096, 16384])


def _radius(e_eff, m, h, batch):
    operator = second_moment_operator(e_eff, m, h, batch)
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
    d=st.integers(1, 6), m=st.floats(0, 0.95), batch=st.integers(1, 3000), h=st.floats(0.05, 5.0)
)
@settings(max_examples=60, deadline=None)
def test_at_the_limit_the_dense_operator_has_radius_one(d, m, batch, h):
    limit, equal = mean_square.isotropic_limit(batch, d, m, h), np.full(d, h)
    assert _radius(limit, m, equal, batch) == pytest.approx(1, abs=1e-6)
    assert _radius(0.99 * limit, m, equal, batch) < 1 < _radius(1.01 * limit, m, equal, batch)


@pytest.mark.parametrize("m", [0.0, 0.9])
def test_noise_limits_small_batches_and_curvature_large_ones(m):
    assert mean_square.isotropic_limit(1, 10**6, m) == pytest.approx(2 / (10**6 + 1), rel=1e-5)
    assert mean_square.isotropic_limit(1e12, 100, m) == pytest.approx(
        stability.stable_below(1.0, m)
    )
    critical = 101 * (1 + m) / (1 - m)  # where noise and curvature limit equally
    assert mean_square.isotropic_limit(critical, 100, m) == pytest.approx(critical / 101)


@pytest.mark.parametrize("m", [0.0, 0.7])
def test_real_batches_agree_with_the_operator_within_their_error(m):
    """Least squares on fresh Gaussian examples, run as it stands."""
    rng = np.random.default_rng(1)
    h, batch, e_eff, draws, steps = np.array([1.0, 0.4]), 3, 0.2, 20_000, 20
    w, v = np.ones((draws, 2)), np.zeros((draws, 2))
    for _ in range(steps):
        x = np.sqrt(h) * rng.standard_normal((draws, batch, 2))
        v = m * v + ((x * w[:, None]).sum(-1)[..., None] * x).mean(1)
        w = w - e_eff * (1 - m) * v
    operator = second_moment_operator(e_eff, m, h, batch)
    exact = np.linalg.matrix_power(operator, steps) @ [1, 1, 0, 0, 0, 0]
    samples = np.concatenate([w * w, w * v, v * v], axis=1)
    assert np.all(np.abs(samples.mean(0) - exact) < 4.5 * samples.std(0) / np.sqrt(draws))
