"""A sheet: the panels of one of the paper's figures, the words around them and what was drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.figures.paper import (
    NOTE,
    NOTICE,
    TITLE,
    WIDTH,
    Line,
    new_figure,
    panel_width,
    place_row,
    wrapped,
    write_words,
)
from largebatch.figures.points import Lines
from largebatch.figures.style import Looks

PANEL_HEIGHT = 1.25  # of a frame
LEFT, RIGHT = 0.68, 0.08  # of a frame: tick labels and a two-line label; half a tick label
APART = 0.12  # more between two frames if the label between them has two lines
Y_LABEL, X_LABEL = 0.40, 0.20  # from the frame to the labels of the axes
TICKS, LABELLED = 0.22, 0.36  # below a frame: without and with a label
ROW_NAME = 0.14  # right of the last frame
TALLY_ROW = 6.5  # points


class Shown(NamedTuple):
    """The lines that a panel shows; `at` says of a point's x what it is: `epoch 3`."""

    ax: Axes
    lines: Lines
    looks: Looks
    at: Callable[[float], str]
    metric: str


@dataclass
class Sheet:
    """A figure with panels; `axes` is indexed [row, column].

    header: the lines above the legend. facts: the start of the footer. notes: explanations of marks
    that the drawing has used, printed after the facts. tallies: {row: lines of tallies above it}.
    shown: the panels that were drawn.
    """

    figure: Figure
    axes: np.ndarray
    header: list[Line]
    facts: str
    row_names: list[str]
    notes: list[str] = field(default_factory=list)
    tallies: dict[int, int] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    def note(self, words: str) -> None:
        """Explain a mark below the panels, once."""
        if words not in self.notes:
            self.notes.append(words)

    def make_room(self, row: int, tallies: int) -> None:
        """Reserve room for at least so many lines of tallies above a row of panels."""
        self.tallies[row] = max(self.tallies.get(row, 0), tallies)

    def finish(self, handles: list[Artist]) -> None:
        """Place words and panels."""
        footer = wrapped((self.facts, NOTE), ("; ".join(self.notes), NOTE))
        rows = [self._above(row) + PANEL_HEIGHT + self._below(row) for row in range(len(self.axes))]
        top = write_words(self.figure, self.header, handles, footer, sum(rows), gap=0.04)
        for row in range(len(self.axes)):
            self._place(row, top + sum(rows[:row]) + self._above(row))

    def _above(self, row: int) -> float:
        return 0.08 + self.tallies.get(row, 0) * TALLY_ROW / 72

    def _below(self, row: int) -> float:
        return LABELLED if any(ax.get_xlabel() for ax in self.axes[row]) else TICKS

    def _place(self, row: int, top: float) -> None:
        """Place frames and their labels; labels at fixed places save measuring the tick labels."""
        height = self.figure.get_figheight()
        bottom = (height - top - PANEL_HEIGHT) / height
        place_row(self.figure, self.axes[row], bottom, PANEL_HEIGHT)
        for ax in self.axes[row]:
            ax.yaxis.set_label_coords(-Y_LABEL / panel_width(ax), 0.5)
            ax.xaxis.set_label_coords(0.5, -X_LABEL / PANEL_HEIGHT)
        if self.row_names:
            self.axes[row, -1].annotate(
                self.row_names[row], (1, 0.5), xycoords="axes fraction", xytext=(5, 0),
                textcoords="offset points", rotation=270, va="center",
            )  # fmt: skip


def new_sheet(
    rows: int,
    columns: int,
    *,
    title: str,
    unfinished: str | None,
    notice: str | None,
    facts: str,
    row_names: list[str],
    long_labels: bool,
) -> Sheet:
    """An empty sheet.

    row_names: written to the right of the rows, if any. long_labels: whether a label between two
    panels has two lines.
    """
    right = RIGHT + (ROW_NAME if row_names else 0)
    between = LEFT + (APART if long_labels else 0)
    width = (WIDTH - right - LEFT - (columns - 1) * between) / columns
    figure, axes = new_figure(rows, columns, left=LEFT, width=width, between=between)
    header = wrapped((title, TITLE), (unfinished, {**NOTICE, "weight": "bold"}), (notice, NOTICE))
    return Sheet(figure, axes, header, facts, row_names)
