"""Rank correlation against SciPy's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from claims.bench import MOMENTA, Memory, sweep, valley, verdict
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.ranks import rank_step, ranks, spearman

VALUES = st.lists(st.integers(0, 5), min_size=3, max_size=8)


@given(VALUES)
def test_ranks_with_ties(values):
    assert np.array_equal(ranks(np.array(values)), stats.rankdata(values))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=8))
def test_correlation(pairs):
    x, y = np.array(pairs, float).T
    if np.ptp(x) and np.ptp(y):
        assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    else:
        assert spearman(x, y) == 0


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_a_step_is_what_two_neighbours_cost_that_change_places(n):
    order = np.arange(float(n))
    swapped = np.r_[1.0, 0.0, order[2:]]
    assert spearman(order, swapped) == pytest.approx(1 - rank_step(n))


def test_the_largest_rates_are_those_at_which_any_momentum_learns():
    """Up to 1 the larger the momentum the worse; beyond, SGD and then the smaller ones fail."""

    def truth(name, x):
        failed = 9.0 * (x > (1.0, 2.0, 3.0, 4.0)[MOMENTA.index(name)])
        return valley(momenta=0.1)(name, x) + failed

    check = {"test": "rank", "sweeps": ["a"], "rates": {"rule": "largest"}}
    world = Memory({"a": sweep(truth)})
    assert verdict({**check, "larger_is": "better"}, world) == ("supported", None)
    assert verdict({**check, "larger_is": "worse"}, world) == ("contradicted", None)


def test_a_correlation_is_the_mean_over_the_rates():
    """At the smallest of nine rates the larger the momentum the worse; elsewhere the better."""

    def truth(name, x):
        return valley()(name, x) + 0.1 * np.where(x == x[0], 1, -1) * MOMENTA.index(name)

    check = {"test": "rank", "sweeps": ["a"], "metrics": ["test"], "larger_is": "better"}
    (found,) = CHECKS["rank"](check | {"rates": {"rule": "all"}}, Memory({"a": sweep(truth)}))
    assert found.evidence.estimate == pytest.approx((8 - 1) / 9)


def test_one_momentum_has_no_rank():
    grid = sweep(valley())
    one = replace(grid, optimizers=grid.optimizers[:2], curves=grid.curves[:2])
    check = {"test": "rank", "sweeps": ["a"], "rates": {"rule": "all"}, "larger_is": "worse"}
    with pytest.raises(NotRun, match="fewer than two momenta"):
        verdict(check, Memory({"a": one}))
