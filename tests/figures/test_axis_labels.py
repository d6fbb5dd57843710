"""Tick labels: the optimum always has one, and numbers are plain while they are short."""

import pytest
from matplotlib.figure import Figure

from largebatch.figures.axes import batch_axis, label_log_axis, rate_axis
from largebatch.figures.face import rate_label
from largebatch.figures.style import private_style


@pytest.mark.parametrize("place", range(11))
def test_the_optimum_is_labelled_however_narrow_the_panel(place):
    grid = [2.0**k for k in range(-6, 5)]
    with private_style():
        ax = Figure(figsize=(1, 1)).add_axes((0.4, 0, 0.25, 1))
        rate_axis(ax, grid, keep=grid[place])
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[place] == rate_label(grid[place]) and "" in labels


@pytest.mark.parametrize(
    ("value", "words"),
    [(1e-5, "1e−5"), (1e-4, "0.0001"), (0.02, "0.02"), (5, "5"), (2e5, "200000"), (1e6, "1e6")],
)
def test_numbers_along_a_log_axis_are_plain_while_they_are_short(value, words):
    with private_style():
        ax = Figure().add_subplot()
        ax.set_yscale("log")
        label_log_axis(ax.yaxis)
    assert ax.yaxis.get_major_formatter()(value, 0) == words


@pytest.mark.parametrize(("batches", "labels"), [(7, "1 2 4 8 16 32 64"), (9, "1  4  16  64  256")])
def test_of_many_batches_not_all_are_labelled(batches, labels):
    with private_style():
        ax = Figure().add_subplot()
        batch_axis(ax, [2**k for k in range(batches)])
    assert " ".join(label.get_text() for label in ax.get_xticklabels()) == labels


@pytest.mark.parametrize(("high", "minor"), [(2, False), (200, True)])
def test_a_short_axis_has_no_ticks_but_those_with_labels(high, minor):
    with private_style():
        ax = Figure().add_subplot()
        ax.set(yscale="log", ylim=(1, high))
        label_log_axis(ax.yaxis)
    assert bool(len(ax.yaxis.get_minorticklocs())) == minor
