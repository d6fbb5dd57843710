"""Bars and bands of lines whose ends lie beyond the axis, or beyond what a metric can be."""

import numpy as np
import pytest
from laid_out import FIGURES, draw_in_memory
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.figures.marks import draw_band, draw_bars, ends_early, spacing
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


def make_wide(row: dict) -> None:
    if row["metric"] == "test_accuracy":
        row.update(mean=0.99, std=0.03)


def test_bars_and_bands_end_at_what_an_accuracy_can_be(paper, root):
    """99 ± 3 %: no reader sees 102 %, nor a cap that says that the deviation ends at 100 %."""
    drawn = draw_in_memory(paper, "fig1", root, make_wide)
    top, bottom = (row[1] for row in drawn.sheet.axes)
    for container in top.containers:
        _, caps, bars = container.lines
        for artist in (*caps, *bars):
            clipped = top.transData.inverted().transform(artist.get_clip_box())
            assert clipped[1, 1] == pytest.approx(1)
    shades = [path for band in bottom.collections for path in band.get_paths()]
    assert shades and max(path.vertices[:, 1].max() for path in shades) == 1.0
    assert "bars and bands end at 0 and 100 %" in " ".join(drawn.words())


def test_a_bar_that_is_not_drawn_ends_nowhere():
    """A mean beyond the axis has no bar, and an axis that ends first cuts it anywhere."""
    far, near = (Points(*(np.array([v]) for v in (1.0, m, 0.9, 5, 0))) for m in (0.2, 0.9))
    with private_style():
        ax = Figure().add_subplot()
    ax.set_ylim(0.65, 1.02)
    assert not ends_early(ax, far, "test_accuracy") and ends_early(ax, near, "test_accuracy")
    ax.set_ylim(0.1, 0.95)
    assert not any(ends_early(ax, line, "test_accuracy") for line in (far, near))


def test_where_no_bar_is_cut_the_face_does_not_say_so(drawn):
    for figure in FIGURES:
        cut = "end at 0 and 100 %" in " ".join(drawn[figure].words())
        reach = [r["mean"] + r["std"] for r in drawn[figure].rows
                 if r["std"] is not None and r["metric"] == "test_accuracy"]  # fmt: skip
        assert cut == (max(reach, default=0) > 1)
