"""Seeds that agree, exactly or nearly: what is known of a difference beside its spread."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from claims.bench import Memory, first_seeds, sweep, valley, verdict
from largebatch.analysis.claims import paired
from largebatch.analysis.claims.ranks import rank_step, spearman

ALPHA = 0.05


def test_spread_below_the_resolution_counts_as_the_resolution():
    for spread in (0.0, 1e-12, 0.1, 0.3):
        sample = 1.0 + spread * np.array([-1.0, 0.0, 1.0])  # of standard deviation `spread`
        p = stats.t.sf((1.0 - 0.4) * np.sqrt(3) / max(spread, 0.2), df=2)
        assert paired.better(sample, 0.4, ALPHA, 0.2).support == pytest.approx(p)


@given(
    st.lists(st.floats(-1, 1), min_size=2, max_size=6),
    st.floats(-2, 2),
    st.floats(0, 1),
    st.sampled_from([paired.better, paired.equivalent]),
)
def test_seeds_that_agree_better_are_never_weaker_evidence(sample, shift, share, test):
    """Of equal mean, down to exact agreement: every p-value that decides anything falls."""
    deviations = np.array(sample) - np.mean(sample)
    loose, tight, same = (test(shift + c * deviations, 0.3, ALPHA, 0.1) for c in (1, share, 0))
    for a, b in ((loose, tight), (tight, same)):
        for more, less in ((a.support, b.support), (a.against, b.against)):
            assert less <= more + 1e-9 or more >= 0.5


def chance_orders(random: np.random.Generator, seeds: int) -> np.ndarray:
    """Chance orders of three momenta, the same at every rate: -1, -1/2, 1/2, 1."""
    orders = random.permuted(np.tile([0.0, 1.0, 2.0], (4000, seeds, 1)), axis=-1)
    return spearman(np.broadcast_to([0.0, 1.0, 2.0], orders.shape), orders)


@pytest.mark.parametrize("alpha", [0.05, 0.006])  # the latter as in a claim of eight parts
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_ranks_and_counts_of_epochs_seldom_agree_by_chance(seeds, alpha):
    random = np.random.default_rng(1)
    epochs = np.ceil(4 * np.exp(0.2 * random.standard_normal((2, 4000, seeds))))
    step = np.hypot(*np.log1p(1 / epochs).mean(-1))
    counts = np.log(epochs[0]) - np.log(epochs[1])
    for sample, resolution in ((chance_orders(random, seeds), rank_step(3)), (counts, step)):
        evidence = paired.better(sample, 0.0, alpha, resolution)
        assert np.mean(evidence.support < alpha) <= 1.2 * alpha


def test_an_end_of_the_interval_is_where_the_p_value_is_alpha_where_all_seeds_agree_too():
    for seeds in range(2, 8):
        sample = np.full(seeds, 0.3)
        low = paired.better(sample, 0.0, ALPHA, 0.1, chances=(2, 1)).low
        assert 2 * paired.better(sample, low, ALPHA, 0.1).support == pytest.approx(ALPHA)


@pytest.mark.parametrize(("seeds", "expected"), [(2, "undecided"), (3, "supported")])
def test_two_seeds_never_show_that_two_arms_are_alike(seeds, expected):
    """Nor do they if there is no noise at all; three do."""
    memory = first_seeds(Memory({"a": sweep(valley(), noise=0.0)}), seeds)
    check = {"test": "equivalent", "sweeps": ["a"], "rates": {"rule": "all"}}
    assert verdict(check, memory)[0] == expected
