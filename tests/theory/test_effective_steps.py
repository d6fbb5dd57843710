"""Start-up lag and effective steps against the buffer written out (eqs. 9-12)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import effective_steps


@given(n=st.integers(1, 60), s=st.integers(0, 60), m=st.floats(0, 0.99), lr=st.floats(0.01, 1))
@settings(max_examples=60, deadline=None)
def test_displacement_under_a_constant_gradient(n, s, m, lr):
    buffer, displacement = 0.0, 0.0
    for update in range(s + n):
        buffer = m * buffer + 1.0
        e_eff = effective_steps.effective_lr(lr, m)
        assert lr * buffer == pytest.approx(e_eff * effective_steps.lag(update, m), rel=1e-9)
        displacement += lr * buffer if update >= s else 0.0
    expected = effective_steps.effective_steps(n, s, m) * effective_steps.effective_lr(lr, m)
    assert displacement == pytest.approx(expected, rel=1e-6)


def test_all_updates_count_once_the_buffer_is_full():
    assert effective_steps.effective_steps(100, 10_000, 0.9) == pytest.approx(100)
    assert effective_steps.effective_steps(100, 0, 0.0) == 100


def test_autocovariance_of_a_long_run():
    rng, m, length = np.random.default_rng(2), 0.8, 400_000
    noise = rng.standard_normal(length)
    g = np.zeros(length)
    for q in range(1, length):
        g[q] = m * g[q - 1] + (1 - m) * noise[q]
    blocks = g.reshape(400, -1)
    for distance in (0, 1, 3, 10):
        products = (blocks[:, distance:] * blocks[:, : blocks.shape[1] - distance]).mean(1)
        error = products.std(ddof=1) / np.sqrt(len(products))
        assert abs(products.mean() - effective_steps.autocovariance(distance, m)) < 4 * error


def test_temperature():
    assert effective_steps.temperature(0.25, 32) == effective_steps.temperature(8, 1024) == 2**-7
