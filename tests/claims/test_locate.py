"""Optimum, threshold and largest stable rate of curves whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from largebatch.analysis.claims import locate

X = np.arange(-4.0, 7.0)
UNEVEN = np.log2([0.01, 0.03, 0.1, 0.3, 1, 3])


@pytest.mark.parametrize("x", [X, UNEVEN])
@given(share=st.floats(0.0, 1.0), steepness=st.floats(0.1, 10))
def test_the_optimum_of_a_parabola_is_exact(x, share, steepness):
    low, high = (x[0] + x[1]) / 2 + 1e-3, (x[-2] + x[-1]) / 2 - 1e-3
    best = low + share * (high - low)
    found = locate.optimum(x, steepness * (x - best)[:, None] ** 2)
    assert np.allclose(found, best, atol=1e-6)


def test_an_optimum_at_an_end_is_only_bounded():
    falling, rising = -X[:, None], X[:, None]
    assert locate.optimum(X, falling).tolist() == [[5.5], [np.inf]]
    assert locate.optimum(X, rising).tolist() == [[-np.inf], [-3.5]]


def test_two_rates_have_no_optimum():
    assert locate.optimum(X[:2], np.ones((2, 1))).tolist() == [[-np.inf], [np.inf]]


def test_of_equal_scores_the_smaller_rate_is_best():
    flat = np.array([3.0, 1.0, 1.0, 1.0, 3.0])[:, None]
    assert locate.optimum(X[:5], flat)[0, 0] <= X[1] + 0.5


@pytest.mark.parametrize(
    ("first", "low", "high", "before"),
    [(2, 2, 2, 1), (0, -np.inf, 0, -np.inf), (5, 4, np.inf, 4), (4, 4, 4, 3)],
)
def test_onset(first, low, high, before):
    x = np.arange(5.0)
    assert locate.beginning(x, np.array(first)).tolist() == [low, high]
    assert locate.beginning(x, np.array(first), between=True) == pytest.approx([before, high])


def test_many_draws_at_once_are_each_by_itself():
    random = np.random.default_rng(0)
    scores = random.standard_normal((7, len(X), 5))
    together = locate.optimum(X, scores)
    for i in range(7):
        for j in range(5):
            alone = locate.optimum(X, scores[i, :, j, None])
            assert np.array_equal(together[:, i, j], alone[:, 0])


PART = st.tuples(st.floats(-5, 5), st.floats(-9, 9), st.floats(0, 9), st.floats(0, 1))


@given(st.lists(PART, min_size=1, max_size=5))
def test_bounds_of_a_sum_hold_every_value_within(parts):
    weights, starts, widths, shares = np.array(parts).T
    low, high = locate.weighted(weights, np.stack([starts, starts + widths], axis=1)[..., None])
    total = weights @ (starts + shares * widths)
    assert low - 1e-9 <= total <= high + 1e-9


def test_what_has_no_weight_may_be_unknown():
    """As the middle one of three batches has none in a slope."""
    terms = np.stack([locate.exactly(1.0), locate.unknown(), locate.exactly(3.0)])
    assert locate.weighted(np.array([-0.5, 0.0, 0.5]), terms).tolist() == [1, 1]


def test_bounds_of_a_difference():
    a, b = locate.bounds(1.0, np.inf), locate.bounds(-np.inf, 2.0)
    assert locate.minus(a, b).tolist() == [-1, np.inf]
    assert locate.minus(b, a).tolist() == [-np.inf, 1]


def test_draws_of_a_difference_have_the_largest_variance():
    random = np.random.default_rng(2)
    a, b = (locate.exactly(random.standard_normal(1000)) for _ in range(2))
    spread = locate.apart(a, b)[0].std()
    assert spread == pytest.approx(a[0].std() + b[0].std(), rel=0.02)
    assert np.allclose(locate.apart(a, a)[0].mean(), 0)


def test_draws_without_an_end_stay_so():
    a, b = locate.bounds(np.zeros(2), np.array([1.0, np.inf])), locate.exactly(np.zeros(2))
    assert locate.apart(a, b).tolist() == [[0, 0], [1, np.inf]]
