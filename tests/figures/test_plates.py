"""Plates: their words stay on them, whatever stands in the legend."""

import pytest

from largebatch.figures.finals import series_handles
from largebatch.figures.paper import NOTE, NOTICE, TITLE, legend_rows, wrapped
from largebatch.figures.plates.layout import new_plate
from largebatch.figures.style import looks, private_style

MOMENTA = ("sgd", "momentum-0.9", "momentum-0.99", "momentum-0.999", "momentum-0.9999")
OTHERS = ("nesterov-0.9", "corrected-0.9", "corrected-0.99")


@pytest.mark.parametrize(("optimizers", "rows"), [(MOMENTA, 1), ((*MOMENTA, *OTHERS), 2)])
def test_a_long_legend_has_more_rows(optimizers, rows):
    with private_style():
        handles = series_handles(looks(list(optimizers)))
        assert legend_rows(handles) == rows
        plate = new_plate("A title", ["a note"], handles, notice="a notice")
        plate.figure.draw_without_rendering()
    renderer, whole = plate.figure.canvas.get_renderer(), plate.figure.bbox
    box = plate.figure.legends[0].get_window_extent(renderer)
    assert whole.x0 <= box.x0 and box.x1 <= whole.x1
    assert max(ax.get_window_extent(renderer).y1 for ax in plate.panels) < box.y0
    assert box.y1 < min(text.get_window_extent(renderer).y0 for text in plate.figure.texts[:2])


def test_a_plate_without_a_legend_has_no_room_for_one():
    with private_style():
        bare, full = (new_plate("A title", [], series_handles(looks(n))) for n in ([], ["sgd"]))
    assert bare.figure.get_figheight() < full.figure.get_figheight() and not bare.figure.legends


@pytest.mark.parametrize("look", [TITLE, NOTICE, NOTE])
def test_long_words_have_more_lines_and_stay_on_the_sheet(look):
    words = "mean and standard deviation of some wide WORDS over MANY more seeds " * 4
    lines = [line for line, _ in wrapped((words, look), (None, look))]
    assert len(lines) > 1 and " ".join(lines) == words.strip()
    with private_style():
        plate = new_plate(words, [words], [], notice=words)
        renderer = plate.figure.canvas.get_renderer()
        boxes = [text.get_window_extent(renderer) for text in plate.figure.texts]
    assert max(box.x1 for box in boxes) <= plate.figure.bbox.x1
    assert min(box.y0 for box in boxes) >= 0
