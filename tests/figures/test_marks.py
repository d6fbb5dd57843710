"""Bars and bands of lines whose ends lie beyond the axis, or beyond what a metric can be."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.figures.marks import draw_band, draw_bars, spacing
from largebatch.figures.points import Points
from largebatch.figures.style import looks, private_style

LOOK = looks(["sgd"])["sgd"]


def panel(low: float, high: float, scale: str = "linear") -> Axes:
    with private_style():
        ax = Figure().add_subplot()
    ax.set_yscale(scale)
    ax.set_ylim(low, high)
    return ax


def line(mean: float, std: float) -> Points:
    return Points(*(np.array([value, value]) for value in (1.0, mean, std, 5, 0)))


def test_a_bar_that_would_leave_a_log_axis_ends_just_below_it():
    ax = panel(0.1, 10, "log")
    draw_bars(ax, line(1.0, 3.0), LOOK, "train_loss", gid="line")
    (bars,) = ax.containers[0].lines[2]
    for segment in bars.get_segments():
        assert segment[:, 1].tolist() == pytest.approx([0.05, 4.0])


@pytest.mark.parametrize(
    ("metric", "axis", "mean", "shade"),
    [
        ("test_accuracy", (-0.1, 1.1), 0.02, (0.0, 0.07)),  # no accuracy is below 0 %
        ("test_accuracy", (0.3, 1.1), 0.98, (0.93, 1.0)),
        ("test_accuracy", (0.96, 1.1), 0.98, (0.96, 1.0)),
        ("train_loss", (0.01, 10), 0.05, (0.01, 0.1)),
        ("train_loss", (0.01, 10), 5.0, (4.95, 5.05)),
    ],
)
def test_a_band_ends_at_the_axis_below_and_at_what_the_metric_can_be(metric, axis, mean, shade):
    ax = panel(*axis)
    draw_band(ax, line(mean, 0.05), LOOK, metric, gid="line")
    (path,) = ax.collections[0].get_paths()
    heights = path.vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx(shade)


def test_a_mean_that_is_off_the_axis_has_neither():
    ax = panel(0.1, 10)
    draw_bars(ax, line(20.0, 15.0), LOOK, "train_loss", gid="line")
    draw_band(ax, line(20.0, 15.0), LOOK, "train_loss", gid="line")
    (bars,) = ax.containers[0].lines[2]
    assert not any(np.isfinite(each).all() for each in bars.get_segments() if len(each))
    assert not [path for band in ax.collections[1:] for path in band.get_paths()]


@pytest.mark.parametrize(("points", "every"), [(0, 1), (9, 1), (100, 10), (200, 20)])
def test_a_curve_has_about_ten_markers(points, every):
    whole, short = (Points(*[np.arange(float(n))] * 5) for n in (points, points // 2))
    assert spacing({"sgd": short, "momentum-0.9": whole}) == every
