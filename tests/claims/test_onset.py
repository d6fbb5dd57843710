"""From where on a difference exceeds a bound: against t-tests, and where it begins on a grid."""

import numpy as np
import pytest

from largebatch.analysis.claims import bootstrap, paired
from largebatch.analysis.claims.onset import last_below, onset

X, ALPHA, DRAWS, SEEDS = np.arange(5.0), 0.05, 2000, 5
FINE = 1e-9  # resolution


def sample(means: list[float], noise: float = 0.2, seeds: int = SEEDS) -> np.ndarray:
    random = np.random.default_rng(3)
    return np.array(means)[:, None] + noise * random.standard_normal((len(means), seeds))


def found(differences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return onset(X, paired.better(differences, 1.0, ALPHA, FINE), 1.0, ALPHA, DRAWS)


@pytest.mark.parametrize(
    ("means", "low", "high"),
    [
        ([0, 0, 3, 3, 3], 2, 2),
        ([0, 3, 0, 3, 3], 3, 3),  # where it ends again it has not begun
        ([3, 3, 3, 3, 3], -np.inf, 0),
        ([3, 3, 3, 3, 0], 4, np.inf),
    ],
)
def test_what_is_clear_is_found(means, low, high):
    estimate, draws = found(sample(means, noise=0.01))
    assert estimate.tolist() == [low, high]
    assert np.all(draws == np.array([[low], [high]]))


def test_the_p_value_of_beginning_by_a_place_is_that_of_the_weakest_difference_from_there():
    differences = sample([0, 0, 1.2, 3, 1.3])
    place = found(differences)
    evidence = bootstrap.within(place, -np.inf, 2.0, ALPHA)
    weakest = paired.better(differences[2:], 1.0, ALPHA, FINE).support.max()
    assert evidence.support == pytest.approx(weakest, abs=2 / DRAWS)


def test_the_p_value_of_beginning_later_counts_the_differences_in_doubt():
    differences = sample([0.8, 0.8, 3, 0.8, 3])
    place = found(differences)
    evidence = bootstrap.above(place, 0.0, ALPHA)
    in_doubt = paired.better(differences[[0, 1, 3]], 1.0, ALPHA, FINE).against  # 2 of 5 are clear
    simes = (np.sort(in_doubt) * 3 / np.arange(1, 4)).min()
    assert evidence.support == pytest.approx(simes, abs=2 / DRAWS)


def test_one_seed_says_nothing():
    _, draws = found(sample([0, 0, 3, 3, 3], seeds=1))
    assert np.all(draws[0] == -np.inf) and np.all(draws[1] == np.inf)


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [
        ([1, 1, 9, 1, 1], 1, 1),  # what works again above a failure does not count
        ([9, 1, 1, 1, 1], -np.inf, 0),
        ([1, 1, 1, 1, 1], 4, np.inf),
    ],
)
def test_the_last_place_below_a_level(scores, low, high):
    estimate, draws = last_below(X, sample(scores), 5.0, ALPHA, DRAWS, FINE)
    assert estimate.tolist() == [low, high]
    assert np.all(draws == np.array([[low], [high]]))


@pytest.mark.parametrize(("seeds", "decided"), [(2, False), (3, True), (5, True)])
def test_two_seeds_that_fail_alike_do_not_show_that_a_rate_is_too_large(seeds, decided):
    """At a quarter of the tolerance, which a score must lie below the level to be below it."""
    tolerance = 0.02
    scores = np.stack([np.full(seeds, score) for score in (1.0, 1.0, 9.0, 9.0, 9.0)])
    place = last_below(X, scores, 9.0 - tolerance, ALPHA, DRAWS, tolerance / 4)
    evidence = bootstrap.within(place, -np.inf, 1.0, ALPHA)
    assert (evidence.support < ALPHA) == decided
