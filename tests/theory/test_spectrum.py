"""The compressed spectrum stands for the full one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import spectrum
from theory.brute_force import harmonic


@given(first=st.integers(1, 2000), length=st.integers(9, 500), degree=st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_gauss_nodes_are_exact_for_polynomials(first, length, degree):
    points = np.arange(first, first + length, dtype=float)
    nodes, weights = spectrum.gauss_nodes(first, first + length - 1)
    middle, half = points.mean(), np.ptp(points) / 2
    exact = (((points - middle) / half) ** degree).sum()
    assert np.sum(weights * ((nodes - middle) / half) ** degree) == pytest.approx(exact, abs=1e-8)
    assert len(nodes) == spectrum.NODES and np.all(weights > 0)


@pytest.mark.parametrize("modes", [1, 10, 512, 513, 700, 10_000])
def test_counts_and_smooth_sums_agree_with_the_full_spectrum(modes):
    full, few = harmonic(modes, 2.0), spectrum.compressed_harmonic(modes, 2.0)
    assert few.counts.sum() == pytest.approx(modes)
    for function in (np.sqrt, lambda h: h, lambda h: np.exp(-1000 * h), lambda h: np.cos(40 * h)):
        exact = full.counts @ function(full.curvatures)
        assert few.counts @ function(few.curvatures) == pytest.approx(exact, rel=1e-9)


def test_it_is_a_tenth_of_the_size():
    assert len(spectrum.compressed_harmonic().curvatures) < 1000
