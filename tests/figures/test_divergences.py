"""How divergences are told: rows of tallies above a panel, sentences within one of curves."""

import numpy as np
import pytest
from laid_out import PICK, SWEEPS
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
    assert tally_divergences(ax, lines, LOOKS, "train_loss") == 2
    texts = {text.get_text(): text for text in ax.texts}
    assert sorted(texts) == ["1/5", "2/5"]
    assert texts["1/5"].xyann[1] > texts["2/5"].xyann[1]  # SGD's above that of 0.99
    assert [text.get_color() for text in texts.values()] == [
        LOOKS[name].colour for name in ("momentum-0.99", "sgd")
    ]


@pytest.mark.parametrize(("metric", "at_top"), [("train_loss", True), ("test_accuracy", False)])
def test_a_panel_of_curves_says_how_many_seeds_diverged_by_its_end(metric, at_top):
    ax = panel()
    lines = dict(zip(NAMES, (line(0, 1, 2), line(0, 0, 0), line(4, 4, 4)), strict=True))
    name_divergences(ax, lines, LOOKS, metric)
    said = [(text.get_text(), text.get_color()) for text in ax.texts]
    assert said == [
        ("SGD: 2 of 5 seeds diverged", LOOKS["sgd"].colour),
        ("momentum 0.99: 4 of 5 seeds diverged", LOOKS["momentum-0.99"].colour),
    ]
    first, second = (text.xyann[1] for text in ax.texts)
    assert {text.xy[1] for text in ax.texts} == {int(at_top)} and (first > second) == at_top


def test_a_twin_has_no_seeds_to_count():
    ax = panel()
    assert tally_divergences(ax, {"sgd": line(1, 1, seeds=1)}, LOOKS, "expected_loss") == 1
    name_divergences(ax, {"sgd": line(1, 1, seeds=1)}, LOOKS, "expected_loss")
    assert [text.get_text() for text in ax.texts] == ["×", "×", "SGD diverges"]


@pytest.mark.parametrize("figure", PICK)
def test_every_divergence_is_tallied_in_its_colour(drawn, figure):
    look = looks([*NAMES, "momentum-0.999", "momentum-0.9999"])
    found = set()
    for row in drawn[figure].sheet.axes[: 1 if figure in SWEEPS else 2]:
        for column, ax in enumerate(row):
            for text in ax.texts:
                if "/5" in text.get_text():
                    found.add((ax, column, text.xy[0], text.get_text(), text.get_color()))
    metrics = drawn[figure].settings["figure"]["metrics"]
    expected_tallies = [
        (metrics.index(r["metric"]), r["effective_lr"], f"{r['diverged']}/5",
         look[r["optimizer"]].colour)
        for r in drawn[figure].rows
        if r["panel"] == "sweep" and r["diverged"]
    ]  # fmt: skip
    assert expected_tallies
    assert sorted(entry[1:] for entry in found) == sorted(expected_tallies)


def test_every_row_of_tallies_begins_with_the_marker_of_its_line(drawn):
    """Otherwise the rows would look alike in print without colours."""
    panels = [shown for figure in PICK for shown in drawn[figure].sheet.shown
              if any("/5" in text.get_text() for text in shown[0].texts)]  # fmt: skip
    assert panels
    for ax, lines, styles, *_ in panels:
        begun = {line.get_gid(): line.get_marker() for line in ax.lines if line.get_gid()}
        for name, line in lines.items():
            wanted = styles[name].marker if line.diverged.any() else None
            assert begun.get(f"tally:{name}") == wanted
