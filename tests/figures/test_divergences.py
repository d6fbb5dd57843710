"""How divergences are told: rows of tallies above a panel, sentences within one of curves."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from largebatch.figures.divergences import name_divergences, tally_divergences
from largebatch.figures.points import Points
from largebatch.figures.style import looks, private_style

NAMES = ["sgd", "momentum-0.9", "momentum-0.99"]
LOOKS = looks(NAMES)


def line(*diverged: int, seeds: int = 5) -> Points:
    k = np.array(diverged)
    x = np.arange(1.0, len(k) + 1)
    return Points(x, np.ones(len(k)), np.full(len(k), 0.1), seeds - k, k)


def panel():
    with private_style():
        return Figure(dpi=72).add_subplot()


def test_rows_of_tallies_are_in_the_order_of_the_legend_from_the_top():
    ax = panel()
    lines = dict(zip(NAMES, (line(1, 0), line(0, 0), line(0, 2)), strict=True))
    assert tally_divergences(ax, lines, LOOKS) == 2
    texts = {text.get_text(): text for text in ax.texts}
    assert sorted(texts) == ["1/5", "2/5"]
    assert texts["1/5"].xyann[1] > texts["2/5"].xyann[1]  # SGD's above that of 0.99
    assert [text.get_color() for text in texts.values()] == [
        LOOKS[name].colour for name in ("momentum-0.99", "sgd")
    ]


@pytest.mark.parametrize("at_top", [True, False])
def test_a_panel_of_curves_says_how_many_seeds_diverged_by_its_end(at_top):
    ax = panel()
    lines = dict(zip(NAMES, (line(0, 1, 2), line(0, 0, 0), line(4, 4, 4)), strict=True))
    name_divergences(ax, lines, LOOKS, at_top)
    said = [(text.get_text(), text.get_color()) for text in ax.texts]
    assert said == [
        ("SGD: 2 of 5 seeds diverged", LOOKS["sgd"].colour),
        ("momentum 0.99: 4 of 5 seeds diverged", LOOKS["momentum-0.99"].colour),
    ]
    first, second = (text.xyann[1] for text in ax.texts)
    assert {text.xy[1] for text in ax.texts} == {int(at_top)} and (first > second) == at_top
