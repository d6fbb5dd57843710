"""t-tests against SciPy's, and their error rates over 1,000 simulated studies of five seeds."""

import numpy as np
import pytest
from scipy import stats

from largebatch.analysis.claims import paired

STUDIES, SEEDS, ALPHA = 1000, 5, 0.05
FINE = 1e-9  # a resolution that is nothing beside the spread
RATE = 0.075  # 0.05 and 3.6 standard deviations of a count among 1,000


def differences(mean: float, sd: float = 0.5, seeds: int = SEEDS) -> np.ndarray:
    random = np.random.default_rng(0)
    return mean + sd * random.standard_normal((STUDIES, seeds))


def rates(evidence) -> tuple[float, float]:
    """How often the claim is supported, and how often contradicted."""
    return np.mean(evidence.support < ALPHA), np.mean(evidence.against < ALPHA)


@pytest.mark.parametrize("bound", [-0.3, 0.0, 0.7])
def test_p_values_and_intervals_are_scipy_s(bound):
    sample = differences(0.2)[:20]
    scipy = stats.ttest_1samp(sample, bound, axis=-1, alternative="greater")
    evidence = paired.better(sample, bound, 0.05, FINE)
    assert np.allclose(evidence.support, scipy.pvalue, rtol=1e-10)
    assert np.allclose(evidence.against, 1 - scipy.pvalue, rtol=1e-10)
    assert np.allclose(evidence.low, scipy.confidence_interval(0.95).low)


@pytest.mark.parametrize("seeds", [2, 5, 10])
def test_at_the_edge_of_a_claim_each_wrong_verdict_is_as_rare_as_stated(seeds):
    edge = differences(1.0, seeds=seeds)
    for evidence in (
        paired.better(edge, 1.0, ALPHA, FINE),
        paired.equivalent(edge, 1.0, ALPHA, FINE),
    ):
        supported, contradicted = rates(evidence)
        assert supported < RATE and contradicted < RATE


@pytest.mark.parametrize(
    ("mean", "better", "equivalent"),
    [(0.0, False, True), (2.0, True, False), (-2.0, False, False)],
)
def test_far_from_the_edge_verdicts_are_right_and_found(mean, better, equivalent):
    sample = differences(mean)
    for truth, evidence in (
        (better, paired.better(sample, 1.0, ALPHA, FINE)),
        (equivalent, paired.equivalent(sample, 1.0, ALPHA, FINE)),
    ):
        supported, contradicted = rates(evidence)
        right, wrong = (supported, contradicted) if truth else (contradicted, supported)
        assert right > 0.9 and wrong < 0.005


def test_much_noise_leaves_both_questions_open():
    noisy = differences(0.0, sd=20.0)
    assert sum(rates(paired.better(noisy, 1.0, ALPHA, FINE))) < 0.15


@pytest.mark.parametrize("sd", [1.0, 3.0, 20.0])
@pytest.mark.parametrize("mean", [-1.0, 0.0, 1.0])
def test_equivalent_arms_are_seldom_told_apart_by_either_tail(sd, mean):
    assert rates(paired.equivalent(differences(mean, sd), 1.0, ALPHA, FINE))[1] < RATE


def test_chances_multiply_the_p_values_and_widen_the_interval_to_match():
    sample = differences(0.6)[:20]
    once, thrice = (
        paired.better(sample, 0.0, ALPHA, FINE, chances) for chances in ((1, 1), (3, 2))
    )
    assert np.allclose(thrice.support, np.minimum(3 * once.support, 1))
    assert np.allclose(thrice.against, np.minimum(2 * once.against, 1))
    for row, low, high in zip(sample, thrice.low, thrice.high, strict=True):
        assert 3 * paired.better(row, low, ALPHA, FINE).support == pytest.approx(ALPHA)
        assert 2 * paired.better(row, high, ALPHA, FINE).against == pytest.approx(ALPHA)


def test_an_error_that_all_seeds_share_is_not_seen_in_their_spread_but_counted():
    """Differences of mean 0 whose five seeds share an error of 0.3: without it they would err."""
    random = np.random.default_rng(4)
    sample = 0.3 * random.standard_normal((STUDIES, 1)) + differences(0.0, sd=0.1)
    naive = rates(paired.better(sample, 0.0, ALPHA, FINE))
    assert min(naive) > 0.3
    assert max(rates(paired.better(sample, 0.0, ALPHA, FINE, shared=0.3))) < RATE
    assert max(rates(paired.equivalent(sample + 0.1, 0.1, ALPHA, FINE, shared=0.3))) < RATE


def test_pairing_removes_what_seeds_share():
    random = np.random.default_rng(1)
    seed = 10 * random.standard_normal((STUDIES, SEEDS))
    a, b = (seed + shift + 0.1 * random.standard_normal(seed.shape) for shift in (0.0, 1.0))
    assert np.mean(paired.better(b - a, 0.5, ALPHA, FINE).support < ALPHA) > 0.99


def test_one_seed_decides_nothing():
    one = np.array([3.0])
    for evidence in (
        paired.better(one, 1.0, ALPHA, FINE),
        paired.equivalent(one, 1.0, ALPHA, FINE),
    ):
        assert (evidence.support, evidence.against) == (1, 1)
        assert (evidence.estimate, evidence.low, evidence.high) == (3, -np.inf, np.inf)
