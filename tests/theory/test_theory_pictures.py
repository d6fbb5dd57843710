"""The theory's own pictures explain what they draw."""

import numpy as np
import pytest

from largebatch.analysis.theory import figures_data
from largebatch.figures.plates import exact
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.plates.theory import DRAWN
from largebatch.figures.style import private_style


def test_the_verticals_of_the_stationary_variance_stand_in_the_legend():
    with private_style():
        figure = exact.stationary_variance(figures_data.stationary_variance())
    (legend,) = figure.legends
    keys = zip(legend.get_lines(), legend.get_texts(), strict=True)
    dotted = [text.get_text() for line, text in keys if line.get_linestyle() == ":"]
    assert dotted == ["at 1/h, and at SGD's limit 2/h"]
    for ax in figure.axes:
        drawn = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
        assert drawn == [1, 2]


def test_the_lines_of_the_stationary_variance_have_the_markers_of_their_keys():
    with private_style():
        figure = exact.stationary_variance(figures_data.stationary_variance())
    keys = [line.get_marker() for line in figure.legends[0].get_lines()[:3]]
    for ax in figure.axes:
        assert [line.get_marker() for line in ax.lines[:3]] == keys


def test_the_borders_of_the_map_of_radii_need_no_colour():
    with private_style():
        figure = exact.spectral_radius(figures_data.spectral_radius_map())
    drawn = {line.get_gid(): line for line in figure.axes[0].lines}
    assert {line.get_color() for line in drawn.values()} == {"black"}
    assert [drawn[name].get_linestyle() for name in exact.BORDERS] == ["-", "--", ":", ":"]
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["diverges from", "oscillates above", "SGD contracts faster between these"]


def test_the_sums_say_what_their_n_counts():
    make, draw = DRAWN["momentum_sums"]
    with private_style():
        words = " ".join(text.get_text() for text in draw(make()).texts)
    assert "n is the number of updates in the sum, one more than the paper's n" in words


def test_the_colour_bar_says_what_it_measures_and_stays_on_the_sheet():
    with private_style():
        figure = exact.spectral_radius(figures_data.spectral_radius_map())
        figure.draw_without_rendering()
    panel, bar = figure.axes
    assert bar.get_ylabel() == "spectral radius"
    renderer = figure.canvas.get_renderer()
    assert panel.get_tightbbox(renderer).x1 < bar.get_window_extent(renderer).x0
    assert bar.yaxis.label.get_window_extent(renderer).x1 < figure.bbox.x1


@pytest.mark.parametrize(
    ("name", "x", "columns"),
    [
        ("stability", "batch", ("effective_lr", "ratio_to_sgd")),
        ("stationary_variance", "x", ("variance", "sgd_ratio")),
    ],
)
def test_each_panel_has_a_line_of_its_own_column_for_each_momentum(name, x, columns):
    make, draw = DRAWN[name]
    table = make()
    with private_style():
        figure = draw(table)
    for ax, column in zip(figure.axes, columns, strict=True):
        lines = {line.get_gid(): line for line in ax.lines}
        for momentum in distinct(table, "momentum"):
            rows, line = rows_of(table, momentum=momentum), lines[f"{column}-{momentum}"]
            np.testing.assert_array_equal(line.get_xdata(), rows[x].to_numpy())
            np.testing.assert_array_equal(line.get_ydata(), rows[column].to_numpy())


def test_the_rates_that_curvature_allows_are_dotted_lines():
    make, draw = DRAWN["stability"]
    table = make()
    with private_style():
        left, _ = draw(table).axes
    dotted = [line.get_ydata()[0] for line in left.lines if line.get_linestyle() == ":"]
    assert dotted == distinct(table, "curvature_limit")


def test_each_panel_of_the_errata_has_the_forms_of_its_equation_and_momentum():
    make, draw = DRAWN["momentum_sums"]
    table = make()
    with private_style():
        axes = draw(table).axes
    places = [(equation, m) for equation in ("24", "26") for m in distinct(table, "momentum")]
    for ax, (equation, momentum) in zip(axes, places, strict=True):
        rows = rows_of(table, equation=equation, momentum=momentum)
        lines = {line.get_gid(): line for line in ax.lines}
        for form in distinct(rows, "form"):
            own = rows_of(rows, form=form)
            np.testing.assert_array_equal(lines[form].get_xdata(), own["updates"].to_numpy())
            np.testing.assert_array_equal(lines[form].get_ydata(), own["value"].to_numpy())
        low, high = ax.get_ylim()
        exact_form = rows_of(rows, form="exact")["value"].to_numpy()
        assert low <= exact_form.min() and exact_form.max() <= high
