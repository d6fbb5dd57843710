"""The theory twin's model: brute force, the full spectrum, and the paper's own numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from largebatch.analysis.theory import noisy_quadratic as nqm
from largebatch.analysis.theory.errata import WRN_SCHEDULE
from largebatch.training.feeds.images import ImageFeed
from theory.brute_force import harmonic

GRID = 2.0 ** np.arange(-8, 7)
EXAMPLES = 50_000


def _final(momentum, batch, lrs=GRID, schedule=WRN_SCHEDULE, **model):
    momenta = np.full(len(lrs), momentum)
    model = nqm.NoisyQuadratic(**model)
    losses = nqm.expected_losses(model, lrs, momenta, batch, EXAMPLES, schedule)
    return np.where(nqm.diverged(losses)[-1], np.inf, losses[-1])


def _best(momentum, batch, **options):
    return GRID[np.argmin(_final(momentum, batch, **options))]


@given(
    lr=st.floats(0.05, 1.5),
    m=st.floats(0, 0.95),
    batch=st.integers(1, 20),
    factors=st.lists(st.sampled_from([1.0, 0.5, 0.1]), min_size=1, max_size=4),
    last_batch=st.sampled_from(["drop", "keep"]),
)
@settings(max_examples=30, deadline=None)
def test_it_equals_training_step_by_step(lr, m, batch, factors, last_batch):
    sizes = [batch] * (20 // batch)
    if last_batch == "keep" and 20 % batch:
        sizes.append(20 % batch)
    model = nqm.NoisyQuadratic(harmonic(5), noise=2.0, initial_variance=3.0)
    h = model.spectrum.curvatures
    ww, wv, vv = np.full(5, 3.0), np.zeros(5), np.zeros(5)
    expected = [h @ ww / 2]
    for factor in factors:
        e = factor * lr * (1 - m)
        for size in sizes:
            vv = m * m * vv + 2 * m * h * wv + h * h * ww + 2.0 * h / size
            wv = m * wv + h * ww
            ww, wv = ww - 2 * e * wv + e * e * vv, wv - e * vv
        expected.append(h @ ww / 2)
    losses = nqm.expected_losses(model, [lr], [m], batch, 20, factors, last_batch)
    assert losses[:, 0] == pytest.approx(np.array(expected), rel=1e-8)


@pytest.mark.parametrize(("batch", "momenta"), [(32, (0.0, 0.9999)), (1024, (0.9, 0.999))])
def test_the_compressed_spectrum_changes_nothing_that_is_drawn(batch, momenta):
    lrs = np.tile(2.0 ** np.arange(-4, 7, 2), 2)
    runs = lrs, np.repeat(momenta, 6), batch, EXAMPLES, WRN_SCHEDULE
    few = nqm.expected_losses(nqm.NoisyQuadratic(), *runs)
    full = nqm.expected_losses(nqm.NoisyQuadratic(harmonic()), *runs)
    finite = ~nqm.diverged(full)
    assert np.array_equal(finite, ~nqm.diverged(few))
    assert few[finite] == pytest.approx(full[finite], rel=1e-5)


@pytest.mark.parametrize(
    ("batch", "sgd", "ball", "more"),
    [
        (1, 2**-7, 2**-7, 2**-7),
        (32, 0.25, 0.25, 0.25),
        (128, 1, 1, 1),
        (512, 2, 4, 4),
        (1024, 2, 8, 8),
        (4096, 2, 32, 32),
    ],
)
def test_optima(batch, sgd, ball, more):
    assert [_best(m, batch) for m in (0.0, 0.9, 0.99)] == [sgd, ball, more]


def test_large_momentum_has_a_flat_optimum_at_the_largest_batch():
    assert _final(0.99, 4096)[GRID == 16] < 1.1 * _final(0.99, 4096).min()


@pytest.mark.parametrize(
    ("batch", "ratio"), [(1, 1.0), (32, 1.0), (128, 0.999), (512, 1.56), (1024, 12.8), (4096, 157)]
)
def test_sgd_is_worse_at_its_own_optimum_only_for_large_batches(batch, ratio):
    assert _final(0.0, batch).min() / _final(0.9, batch).min() == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("batch", [1, 32, 1024, 4096])
def test_sgd_first_fails_at_4(batch):
    assert GRID[~np.isfinite(_final(0.0, batch))].min() == 4


def test_very_large_momentum_loses_at_every_optimal_rate():
    """Figure 3, B = 1024."""
    best = [_final(m, 1024).min() for m in (0.9, 0.99, 0.999, 0.9999)]
    assert best[1] == pytest.approx(best[0], rel=0.06)
    assert best[0] < best[2] < best[3]


def test_larger_momenta_at_the_small_batch():
    """Figure 3, B = 32: 0.999 and 0.9999 relative to 0.9, up to the optimum of 0.25."""
    ball, high, highest = (_final(m, 32)[2:7] for m in (0.9, 0.999, 0.9999))
    assert high / ball == pytest.approx(1, abs=0.02)
    assert highest / ball == pytest.approx([1.02, 1.01, 0.925, 0.852, 1.19], abs=0.005)


@pytest.mark.parametrize(("batch", "optimum"), [(32, 0.25), (1024, 8)])
def test_above_the_optimum_larger_momenta_are_ahead_only_beyond_the_limit_of_the_smaller(
    batch, optimum
):
    larger = GRID[np.searchsorted(GRID, optimum, side="right") :]
    ball = _final(0.9, batch, larger)
    for momentum in (0.99, 0.999, 0.9999):
        assert np.array_equal(_final(momentum, batch, larger) < ball, larger > 38)


@pytest.mark.parametrize(
    ("options", "small", "large"),
    [
        ({"initial_variance": 10.0}, 0.25, 8),
        ({"noise": 0.1}, 0.25, 8),
        ({"initial_variance": 0.1}, 0.125, 4),
        ({"noise": 10.0}, 0.125, 4),
        ({"schedule": (1.0,) * 200}, 0.0625, 2),
    ],
)
def test_the_optima_move_together(options, small, large):
    assert (_best(0.9, 32, **options), _best(0.9, 1024, **options)) == (small, large)


def test_a_loss_times_c_is_a_learning_rate_divided_by_c():
    scaled = {"spectrum": harmonic(50, h_max=4.0), "noise": 4.0}
    plain = _final(0.9, 1024, spectrum=harmonic(50))
    finite = np.isfinite(plain)
    assert _final(0.9, 1024, GRID / 4, **scaled)[finite] == pytest.approx(4 * plain[finite])


def test_small_rates_do_not_tell_the_optimizers_apart():
    ratio = _final(0.0, 1024, GRID[:6]) / _final(0.9, 1024, GRID[:6])
    assert np.all(np.abs(ratio - 1) < 1e-3)


def test_divergence_lasts():
    losses = np.array([[1.0, 1.0, 1.0], [1e39, np.nan, 2.0], [1.0, 1.0, 3.0]])
    assert nqm.diverged(losses).tolist() == [[False] * 3, [True, True, False], [True, True, False]]


@pytest.mark.parametrize("batch", [0, 51])
def test_a_batch_that_does_not_fit_is_refused(batch):
    with pytest.raises(ValueError, match="between 1 and the 50 examples"):
        nqm.minibatches(50, batch, "drop")


@pytest.mark.parametrize("examples", [60, 64])
@pytest.mark.parametrize("last_batch", ["drop", "keep"])
def test_minibatches_are_those_of_training(examples, last_batch):
    data = SimpleNamespace(
        train_images=torch.zeros(examples, 1, 2, 2, dtype=torch.uint8),
        train_labels=torch.zeros(examples, dtype=torch.int64),
        test_images=torch.zeros(1, 1, 2, 2, dtype=torch.uint8),
        test_labels=torch.zeros(1, dtype=torch.int64),
        facts={"mean": [0.0], "std": [1.0]},
    )
    sizes = nqm.minibatches(examples, 16, last_batch)
    trained = ImageFeed(data, [0], 16, last_batch=last_batch).sizes
    assert [size for count, size in sizes for _ in range(count)] == trained
