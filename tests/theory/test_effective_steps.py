"""Start-up lag and effective steps against the buffer written out (eqs. 9-12)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import effective_steps


@given(n=st.integers(1, 60), s=st.integers(0, 60), m=st.floats(0, 0.99), lr=st.floats(0.01, 1))
@settings(max_examples=60, deadline=None)
def test_displacement_under_a_constant_gradient(n, s, m, lr):
    buffer, displacement, e_eff = 0.0, 0.0, lr / (1 - m)
    for update in range(s + n):
        buffer = m * buffer + 1.0
        assert lr * buffer == pytest.approx(e_eff * effective_steps.lag(update, m), rel=1e-9)
        displacement += lr * buffer if update >= s else 0.0
    expected = effective_steps.effective_steps(n, s, m) * e_eff
    assert displacement == pytest.approx(expected, rel=1e-6)


def test_all_updates_count_once_the_buffer_is_full():
    assert effective_steps.effective_steps(100, 10_000, 0.9) == pytest.approx(100)
    assert effective_steps.effective_steps(100, 0, 0.0) == 100
