"""The theory's own pictures explain what they draw."""

from largebatch.analysis.theory import figures_data
from largebatch.figures.plates import exact
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


def test_the_colour_bar_says_what_it_measures_and_stays_on_the_sheet():
    with private_style():
        figure = exact.spectral_radius(figures_data.spectral_radius_map())
        figure.draw_without_rendering()
    panel, bar = figure.axes
    assert bar.get_ylabel() == "spectral radius"
    renderer = figure.canvas.get_renderer()
    assert panel.get_tightbbox(renderer).x1 < bar.get_window_extent(renderer).x0
    assert bar.yaxis.label.get_window_extent(renderer).x1 < figure.bbox.x1
