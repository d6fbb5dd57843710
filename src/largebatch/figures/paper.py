"""The paper that all figures are drawn on: its sizes, the words and the legend.

All sizes are in inches and fixed, not solved for: nothing has to be drawn to be laid out. A test
checks that nothing leaves the paper.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from textwrap import wrap

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

WIDTH = 6.75  # ICML, both columns
EDGE = 0.06  # margin of the paper
LINE, SMALL_LINE = 0.15, 0.115
GAP = 0.04  # below the legend
KEY = 0.48  # width of a legend key, with the spaces beside it
LETTER = 0.055  # width of a wide letter at 7 points
TITLE = {"fontsize": 9}
NOTICE = {"fontsize": 7, "color": "#B00020"}
NOTE = {"fontsize": 6, "color": "0.3"}

Line = tuple[str, dict]  # words and how they look


def write_words(
    figure: Figure,
    header: Sequence[Line],
    handles: Sequence[Artist],
    footer: Sequence[Line],
    panels: float,
) -> float:
    """Write header and legend above the panels, and the footer below them.

    panels: the height that the panels take. Sets the height of the figure; returns how far below
    its upper edge the panels begin.
    """
    above = EDGE + (len(header) + legend_rows(handles)) * LINE + GAP
    below = EDGE + len(footer) * SMALL_LINE
    height = above + panels + below
    figure.set_size_inches(WIDTH, height)
    tops = [1 - (EDGE + place * LINE) / height for place in range(len(header))]
    tops += [(below - place * SMALL_LINE) / height for place in range(len(footer))]
    for top, (words, look) in zip(tops, [*header, *footer], strict=True):
        figure.text(EDGE / WIDTH, top, words, va="top", ha="left", **look)
    if handles:
        figure.legend(
            handles=handles, ncols=ceil(len(handles) / legend_rows(handles)), columnspacing=1.6,
            loc="upper left",
            bbox_to_anchor=(EDGE / WIDTH, 1 - (EDGE + len(header) * LINE) / height),
        )  # fmt: skip
    return above


def say_none(ax: Axes, words: str) -> None:
    """Write in place of an empty panel that there is none, and why."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center")


def panel_width(ax: Axes) -> float:
    """The width of a panel's frame."""
    return ax.get_position().width * WIDTH


def wrapped(*words: tuple[str | None, dict]) -> list[Line]:
    """Break words into lines that fit on the paper, each with its look; None is left out."""
    return [
        (line, look)
        for text, look in words
        for line in wrap(text or "", int((WIDTH - 2 * EDGE) / (LETTER / 7 * look["fontsize"])))
    ]


def legend_keys(looks: Iterable[tuple[str, dict]]) -> list[Artist]:
    """Keys of lines, of their words and how they look."""
    return [Line2D([], [], label=words, **look) for words, look in looks]


def legend_rows(handles: Sequence[Artist]) -> int:
    """How many lines a legend needs, by the length of its words."""
    widths = [KEY + LETTER * len(str(handle.get_label())) for handle in handles]
    for rows in range(1, len(handles) + 1):
        columns = np.array_split(widths, ceil(len(widths) / rows))  # as matplotlib fills them
        if sum(map(max, columns)) <= WIDTH - 2 * EDGE:
            return rows
    return len(handles)
