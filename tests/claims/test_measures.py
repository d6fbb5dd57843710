"""What is read off a curve whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import LEVEL, sweep, valley
from largebatch.analysis.claims import measures

CURVE = np.array([5.0, 4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def test_windows_are_fractions_of_the_epochs():
    assert measures.mean_over(CURVE, 0, 1) == CURVE.mean()
    assert measures.mean_over(CURVE, 0, 0.3) == 4
    assert measures.mean_over(CURVE, 0.9, 1) == 1
    assert measures.mean_over(CURVE, 0.99, 1) == 1  # at least one epoch
    assert measures.mean_over(CURVE, 0, 0.01) == 5


def restless(curve: np.ndarray) -> np.ndarray:
    """Its instability index, in a sweep whose best score is 1 and whose untrained one is LEVEL."""
    grid = sweep(valley(), seeds=1, noise=0.0)
    curves = np.ones_like(grid.curves)
    curves[0, 0, 0] = curve
    return np.exp(measures.instability(replace(grid, curves=curves), 0, 0, 1)[0, 0])


def test_instability_is_the_spread_of_the_steps():
    steady, saw = np.linspace(2, 1, 20), np.tile([1.0, 1.1], 10)
    assert restless(steady) < 1e-10
    assert restless(saw) == pytest.approx(0.1, rel=0.01)
    assert restless(5 * saw - 4) == pytest.approx(5 * restless(saw))


def test_who_has_failed_throughout_is_as_unstable_as_who_fails_on_the_way():
    falling = np.where(np.arange(20) < 10, 1.0, LEVEL)
    assert restless(np.full(20, LEVEL)) == pytest.approx(restless(falling))


def test_who_begins_as_bad_as_untrained_has_not_failed():
    late = np.r_[LEVEL, 2.0, 1.5, np.ones(17)]
    assert restless(late) == pytest.approx(np.diff(late).std())


def test_early_is_what_ends_before_an_update():
    updates = 10.0 * np.arange(1, 11)
    assert measures.until_update(CURVE, updates, 30) == 4
    assert measures.until_update(CURVE, updates, 29) == 4.5
    assert measures.until_update(CURVE, updates, 1) == 5  # at least the first epoch


def test_an_epoch_is_counted_when_it_has_ended():
    curves = np.stack([CURVE, CURVE + 9, 0 * CURVE])
    epochs, reached = measures.to_target(curves, target=3.0)
    assert epochs.tolist() == [3, 10, 1] and reached.tolist() == [True, False, True]
    costs = np.arange(10.0, 110, 10) * np.array([[1], [2], [3]])
    assert measures.after(epochs, costs).tolist() == [30, 200, 30]


def test_a_target_is_always_better_than_an_untrained_network():
    grid = sweep(valley(), noise=0.0)
    assert measures.target_score(grid, "sgd", 0.5) == pytest.approx(0.5, abs=1e-3)
    assert measures.target_score(grid, "sgd", 99.0) < LEVEL
