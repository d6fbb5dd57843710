"""The bootstrap's intervals are Student's for means; its verdicts err as seldom as stated."""

from functools import partial

import numpy as np
import pytest

from largebatch.analysis.claims import bootstrap, locate, paired

STUDIES, SEEDS, ALPHA, DRAWS, RATE = 1000, 5, 0.05, 400, 0.075
FINE = 1e-9  # resolution
X = np.arange(-4.0, 7.0)


def scores(optimum: float, noise: float) -> np.ndarray:
    """(studies, rates, seeds): a parabola, and noise of which half the variance is the seed's."""
    random = np.random.default_rng(3)
    shared = random.standard_normal((STUDIES, 1, SEEDS))
    own = random.standard_normal((STUDIES, len(X), SEEDS))
    return 0.02 * ((X - optimum) ** 2)[:, None] + noise * (shared + own) / np.sqrt(2)


def optimum_verdicts(optimum: float, noise: float) -> tuple[float, float]:
    """How often 'the optimum lies in [2, 4]' is supported, and how often contradicted."""
    values = scores(optimum, noise)
    place = bootstrap.located(partial(locate.optimum, X), values, DRAWS, FINE)
    evidence = bootstrap.within(place, 2, 4, ALPHA)
    return np.mean(evidence.support < ALPHA), np.mean(evidence.against < ALPHA)


@pytest.mark.parametrize("seeds", [2, 5, 8])
def test_draws_of_a_mean_are_student_s(seeds):
    sample = np.random.default_rng(4).standard_normal((6, seeds))
    draws = bootstrap.mean_draws(sample, 20_000, FINE)
    exact = paired.better(sample, 0.0, ALPHA, FINE)
    margin = 0.03 * (exact.high - exact.low).max()
    assert np.allclose(np.quantile(draws, ALPHA, axis=-1), exact.low, atol=margin)
    assert np.allclose(np.quantile(draws, 1 - ALPHA, axis=-1), exact.high, atol=margin)


def test_pairing_stays_in_the_draws():
    seed = np.random.default_rng(5).standard_normal(SEEDS)
    draws = bootstrap.mean_draws(np.stack([seed, seed + 1]), 50, FINE)
    assert np.allclose(draws[1] - draws[0], 1)


def test_the_same_numbers_give_the_same_draws_and_streams_differ():
    sample = np.random.default_rng(6).standard_normal(SEEDS)
    assert np.array_equal(
        bootstrap.mean_draws(sample, 50, FINE), bootstrap.mean_draws(sample, 50, FINE)
    )
    assert not np.allclose(
        bootstrap.mean_draws(sample, 50, FINE), bootstrap.mean_draws(sample, 50, FINE, stream=1)
    )


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_independent_sweeps_share_no_noise(spread):
    sample = spread * np.random.default_rng(6).standard_normal(SEEDS)
    one, other = (bootstrap.mean_draws(sample, 4000, 1.0, stream) for stream in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


def test_the_interval_of_a_mean_is_student_s():
    sample = np.random.default_rng(4).standard_normal((6, SEEDS))
    found = bootstrap.above(bootstrap.located(locate.exactly, sample, 20_000, FINE), 0.0, ALPHA)
    exact = paired.better(sample, 0.0, ALPHA, FINE)
    margin = 0.03 * (exact.high - exact.low).max()
    assert np.allclose(found.low, exact.low, atol=margin)
    assert np.allclose(found.high, exact.high, atol=margin)


def test_a_band_and_its_mirror_image_are_judged_alike():
    sample = np.random.default_rng(7).standard_normal((100, SEEDS))
    place = bootstrap.located(locate.exactly, sample, DRAWS, FINE)
    mirrored = bootstrap.Place(-place.estimate[::-1], -place.draws[::-1])
    for low, high in ((-0.1, 0.3), (0.5, 0.9), (-2.0, 0.0)):
        one = bootstrap.within(place, low, high, ALPHA)
        other = bootstrap.within(mirrored, -high, -low, ALPHA)
        assert np.array_equal(one.support, other.support)
        assert np.array_equal(one.against, other.against)


def test_a_difference_of_places_counts_on_no_common_noise():
    """Of a place and itself it is as uncertain as if one were high where the other is low."""
    sample = np.random.default_rng(8).standard_normal(SEEDS)
    place = bootstrap.located(locate.exactly, sample, DRAWS, FINE)
    difference = place.minus(place)
    assert np.all(difference.estimate == 0)
    assert difference.draws[0].std() == pytest.approx(2 * place.draws[0].std(), rel=0.05)


def test_no_p_value_is_smaller_than_one_of_the_draws():
    place = bootstrap.located(locate.exactly, np.arange(SEEDS) / 1e6, DRAWS, FINE)
    assert bootstrap.above(place, -1.0, ALPHA).support == 1 / (DRAWS + 1)


@pytest.mark.parametrize(
    ("low", "high", "estimate"),
    [(1.0, 3.0, 2.0), (1.0, np.inf, 1.0), (-np.inf, 3.0, 3.0), (-np.inf, np.inf, np.nan)],
)
def test_an_estimate_lies_between_its_bounds_or_at_the_one_that_is_known(low, high, estimate):
    place = bootstrap.Place(locate.bounds(low, high), locate.unknown(DRAWS))
    assert bootstrap.above(place, 0.0, ALPHA).estimate == pytest.approx(estimate, nan_ok=True)


@pytest.mark.parametrize("noise", [0.003, 0.01, 0.03])
@pytest.mark.parametrize("edge", [2.0, 4.0])
def test_an_optimum_at_the_edge_is_seldom_judged_wrongly(edge, noise):
    supported, contradicted = optimum_verdicts(edge, noise)
    assert supported < RATE and contradicted < RATE


def test_an_optimum_within_or_outside_is_found():
    assert optimum_verdicts(3.0, 0.02) == (pytest.approx(1, abs=0.05), 0)
    assert optimum_verdicts(5.0, 0.02) == (0, pytest.approx(1, abs=0.05))


def test_noise_as_large_as_the_parabola_leaves_it_open():
    assert sum(optimum_verdicts(3.0, 0.5)) < 0.2


@pytest.mark.parametrize("width", [0.01, 0.3, 1.0])
def test_a_narrow_band_is_seldom_missed_by_chance(width):
    sample = np.random.default_rng(7).standard_normal((1000, SEEDS))
    place = bootstrap.located(locate.exactly, sample, DRAWS, FINE)
    evidence = bootstrap.within(place, -width, width, ALPHA)
    assert np.mean(evidence.against < ALPHA) < RATE


def test_one_seed_decides_nothing():
    values = scores(3.0, 0.01)[0, :, :1]
    place = bootstrap.located(partial(locate.optimum, X), values, DRAWS, FINE)
    evidence = bootstrap.within(place, 2, 4, ALPHA)
    assert evidence.estimate == pytest.approx(3, abs=1)
    assert (evidence.support, evidence.against) == (1, 1)


def test_a_grid_that_ends_too_early_decides_only_what_its_bounds_do():
    place = bootstrap.located(partial(locate.optimum, X), scores(9.0, 0.003)[0], DRAWS, FINE)
    assert bootstrap.within(place, 6, 8, ALPHA).support == 1
    assert bootstrap.within(place, 6, 8, ALPHA).against == 1
    assert bootstrap.within(place, 0, 2, ALPHA).against < ALPHA
    assert bootstrap.above(place, 2, ALPHA).support < ALPHA
    assert bootstrap.above(place, 7, ALPHA)[:2] == (1, 1)


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("spread", [0.0, 1e-9, 0.1])
def test_draws_of_seeds_that_agree_are_student_s_at_the_resolution(seeds, spread):
    sample = spread * np.linspace(-1, 1, seeds)
    draws = bootstrap.mean_draws(sample, 20_000, resolution=0.2)
    exact = paired.better(sample, 0.0, ALPHA, 0.2)
    margin = 0.03 * (exact.high - exact.low)
    assert np.quantile(draws, ALPHA) == pytest.approx(exact.low, abs=margin)
    assert np.quantile(draws, 1 - ALPHA) == pytest.approx(exact.high, abs=margin)
