"""How far an axis reaches: as far as the best line makes worth a look, and over every bar."""

import numpy as np
import pytest

from largebatch.figures.limits import BAR, MARGIN, accuracy_limits, log_limits
from largebatch.figures.points import Points


def line(*means: float, std: float = 0.0) -> Points:
    mean = np.array(means)
    return Points(np.arange(1.0, len(means) + 1), mean, 0 * mean + std, 0 * mean + 5, 0 * mean)


def without_margin(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * (high - low) / (1 + 2 * MARGIN)
    return low + margin, high - margin


def test_a_line_of_absurd_losses_does_not_squash_the_best():
    """It is cut at 1.5 decades above the best line's median."""
    low, high = without_margin(*np.log10(log_limits([line(1, 1, 1), line(1, 10, 1e9)])))
    assert (low, high) == (pytest.approx(0), pytest.approx(1))
    low, high = without_margin(*np.log10(log_limits([line(1, 1, 1), line(1, 31, 1e9)])))
    assert high == pytest.approx(np.log10(31))
    low, high = without_margin(*np.log10(log_limits([line(0.1, 1, 1), line(1, 999, 1e9)])))
    assert (low, high) == (pytest.approx(-1), pytest.approx(np.log10(999)))  # three times as far


def test_a_line_of_bad_accuracies_does_not_squash_the_best():
    low, high = accuracy_limits([line(0.9, 0.9, 0.9), line(0.1, 0.1, 0.9)], whole=False)
    assert without_margin(low, high) == (pytest.approx(0.89), pytest.approx(0.9))
    low, high = accuracy_limits([line(0.9, 0.9, 0.9), line(0.1, 0.66, 0.9)], whole=False)
    assert without_margin(low, high)[0] == pytest.approx(0.66)  # within 25 points of the best
    low, _ = accuracy_limits([line(0.9, 0.9, 0.9), line(0.1, 0.66, 0.9)], whole=True)
    assert low < 0.1


def test_an_axis_reaches_over_its_bars_but_not_far_below_a_mean():
    low, high = without_margin(*np.log10(log_limits([line(1, 2, std=0.5)])))
    assert (low, high) == (pytest.approx(np.log10(0.5)), pytest.approx(np.log10(2.5)))
    low, _ = without_margin(*np.log10(log_limits([line(1, 2, std=0.99)])))
    assert low == pytest.approx(-BAR)
    low, high = without_margin(*accuracy_limits([line(0.5, 0.6, std=0.1)], whole=False))
    assert (low, high) == (pytest.approx(0.4), pytest.approx(0.7))


@pytest.mark.parametrize("limits", [log_limits, lambda lines: accuracy_limits(lines, whole=True)])
def test_a_single_value_has_an_axis(limits):
    low, high = limits([line(0.7)])
    assert low < 0.7 < high


def test_an_accuracy_that_is_always_100_has_no_axis_beyond_it():
    low, high = accuracy_limits([line(1.0, 1.0)], whole=False)
    assert low < 0.995 and high < 1.005
