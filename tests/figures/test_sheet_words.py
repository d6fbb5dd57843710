"""The words of a sheet stay on it, whatever stands in the legend."""

import pytest

from largebatch.figures.finals import series_handles
from largebatch.figures.paper import NOTE, NOTICE, TITLE, legend_rows, wrapped
from largebatch.figures.sheet import TALLY_ROW, new_sheet
from largebatch.figures.style import looks, private_style

MOMENTA = ("sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999", "momentum-0.9999")
OTHERS = ("nesterov-0.9", "corrected-0.9", "corrected-0.99")


@pytest.mark.parametrize(("optimizers", "rows"), [(MOMENTA, 1), ((*MOMENTA, *OTHERS), 2)])
def test_a_long_legend_has_more_rows(optimizers, rows):
    with private_style():
        handles = series_handles(looks(list(optimizers)))
        assert legend_rows(handles) == rows
        figure = new_sheet(1, 2, title="A title", facts="a fact", notice="No!").finish(handles)
        figure.draw_without_rendering()
    renderer, whole = figure.canvas.get_renderer(), figure.bbox
    box = figure.legends[0].get_window_extent(renderer)
    assert whole.x0 <= box.x0 and box.x1 <= whole.x1
    assert max(ax.get_window_extent(renderer).y1 for ax in figure.axes) < box.y0
    assert box.y1 < min(text.get_window_extent(renderer).y0 for text in figure.texts[:2])


def test_a_sheet_without_a_legend_has_no_room_for_one():
    with private_style():
        handles = series_handles(looks(["sgd"]))
        bare, full = (new_sheet(1, 1, title="A title").finish(keys) for keys in ([], handles))
    assert bare.get_figheight() < full.get_figheight() and not bare.legends


def test_the_names_of_a_row_of_panels_stand_above_its_tallies_and_below_the_legend():
    with private_style():
        sheet = new_sheet(1, 2, title="A title")
        for ax, tallies in zip(sheet.axes[0], (0, 2), strict=True):
            ax.set_title("batch 32")
            sheet.tallies[ax] = tallies
        figure = sheet.finish(series_handles(looks(["sgd"])))
        figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    key = figure.legends[0].get_window_extent(renderer)
    names = [ax._left_title.get_window_extent(renderer) for ax in figure.axes]
    tallied = figure.axes[1].get_window_extent(renderer).y1 + 2 * TALLY_ROW / 72 * figure.dpi
    assert names[0].y0 == names[1].y0 > tallied and names[0].y1 < key.y0


@pytest.mark.parametrize("look", [TITLE, NOTICE, NOTE])
def test_long_words_have_more_lines_and_stay_on_the_sheet(look):
    words = "mean and standard deviation of some wide WORDS over MANY more seeds " * 4
    lines = [line for line, _ in wrapped((words, look), (None, look))]
    assert len(lines) > 1 and " ".join(lines) == words.strip()
    with private_style():
        figure = new_sheet(1, 2, title=words, facts=words, notice=words).finish([])
        renderer = figure.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in figure.texts]
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert min(box.y0 for box in boxes) >= 0
