"""Means beyond an axis: an arrowhead each, and nothing that looks like data."""

import numpy as np
from matplotlib.figure import Figure
from pytest import approx

from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.hover import spots
from largebatch.figures.marks import on_scale
from largebatch.figures.points import Points
from largebatch.figures.style import looks, private_style


def test_an_arrowhead_for_every_mean_beyond_the_axis(drawn):
    beyond = 0
    for ax, lines, *_ in drawn["fig7"].sheet.shown[::2]:  # the panels of final metrics
        arrows = {line.get_gid(): line for line in ax.lines if line.get_gid()}
        for name, line in lines.items():
            mean = np.nan_to_num(line.mean, nan=ax.get_ylim()[0])
            missing = line.where(mean > ax.get_ylim()[1])
            drawn_at = [a.get_xdata() for gid, a in arrows.items()
                        if gid.endswith("top") and gid.split(":")[-3] == name]  # fmt: skip
            np.testing.assert_array_equal(np.sort(np.concatenate([[], *drawn_at])), missing.x)
            beyond += len(missing.x)
    assert beyond > 0
    assert any("arrowhead" in words for words in drawn["fig7"].words())


def _arrowheads(**options) -> list[float]:
    """Where arrowheads are, of a hundred means that lie beyond the axis."""
    line = Points(np.arange(100.0), *(np.full(100, v) for v in (9.0, np.nan, 1, 0)))
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        assert mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel", **options)
    return ax.lines[0].get_xdata().tolist()


def test_only_along_curves_are_there_fewer_arrowheads():
    assert _arrowheads() == list(range(100))
    assert _arrowheads(every=10) == list(range(0, 100, 10))


def test_arrowheads_share_the_room_at_their_rate_only():
    """One alone stands at its rate, whatever other lines do at others."""
    x, far, near = np.array([1.0, 2.0, 4.0]), 9.0, 0.5
    means = {"sgd": [far, near, far], "momentum-0.9": [near, near, far]}
    nothing = [np.full(3, np.nan)] * 3
    lines = {name: Points(x, np.array(mean), *nothing) for name, mean in means.items()}
    with private_style():
        ax = Figure(dpi=72).add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, lines, looks(lines), "panel")
    shifts = {}
    for arrow in ax.lines:
        (across, _), (exact, _) = (
            transform.transform((2, 1)) for transform in (arrow.get_transform(), ax.transData)
        )
        for place in arrow.get_xdata():
            shifts.setdefault(place, []).append(round(across - exact, 3))
    assert shifts == {1.0: [0], 4.0: [-1.6, 1.6]}


def test_along_curves_no_stretch_beyond_the_axis_lacks_its_arrowhead():
    mean = np.full(100, 0.5)
    mean[[3, 4, 5, 77]] = 9
    line = Points(np.arange(100.0), mean, *[np.full(100, np.nan)] * 3)
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel", every=10)
    assert list(ax.lines[0].get_xdata()) == [3, 77]


def test_means_beyond_the_axis_have_no_bars_that_look_like_data(drawn):
    for ax, lines, *_ in drawn["fig7"].sheet.shown[::2]:
        for container, line in zip(ax.containers, lines.values(), strict=True):
            (bars,) = container.lines[2]
            with_bars = sum(np.isfinite(s).all() for s in bars.get_segments() if len(s))
            assert with_bars == (on_scale(ax, line) & np.isfinite(line.std)).sum()


def test_under_the_mouse_a_number_beyond_the_axis_is_its_arrowhead_a_missing_one_at_the_top(drawn):
    sheet, beyond, missing = drawn["fig7"].sheet, 0, 0
    heights = iter((1 - top) * sheet.figure.bbox.height for _, top, *_ in spots(sheet))
    for ax, lines, *_ in sheet.shown:
        frame, high = ax.get_window_extent(), ax.get_ylim()[1]
        tips = [a for a in ax.lines if str(a.get_gid()).endswith("top")]
        tip = {a.get_transform().transform(a.get_xydata())[0, 1] for a in tips}
        for mean in (mean for line in lines.values() for mean in line.mean):
            height = next(heights)
            if np.isnan(mean):
                assert height == approx(frame.y1, abs=0.1)
            elif mean > high:
                assert [height] == approx(list(tip), abs=0.1)
            beyond, missing = beyond + (mean > high), missing + np.isnan(mean)
    assert beyond and missing and next(heights, None) is None


def test_an_arrowhead_points_to_where_its_mean_is():
    line = Points(*(np.array(column) for column in ([1.0, 2.0], [9.0, -9.0], *[[1, 1]] * 3)))
    with private_style():
        ax = Figure().add_subplot()
        ax.set_ylim(0, 1)
        mark_off_scale(ax, {"sgd": line}, looks(["sgd"]), "panel")
    tips = {arrow.get_xdata()[0]: (arrow.get_marker(), arrow.get_ydata()[0]) for arrow in ax.lines}
    (up, above), (down, below) = tips[1.0], tips[2.0]
    assert (up, down) == ("^", "v") and above > 0.9 > 0.1 > below
