"""The sheet of paper: title, notices and legend above the panels, facts below, in inches.

Margins are fixed, not solved for: panels stand in the same place in every figure, and a figure is
drawn once for each format and never for its layout. A test checks that nothing leaves the sheet.
"""

from dataclasses import dataclass, field
from math import ceil
from textwrap import wrap

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from largebatch.figures.points import Lines
from largebatch.figures.style import Looks

WIDTH = 6.75  # ICML, both columns
PANEL_HEIGHT = 1.25  # of a frame
LEFT, RIGHT = 0.68, 0.08  # of a frame: tick labels and a label of two lines; half a tick label
Y_LABEL, X_LABEL = 0.40, 0.20  # from the frame to the labels of the axes
TICKS, LABELLED = 0.22, 0.36  # below a frame: without and with a label
ROW_NAME = 0.14  # right of the last frame
LINE, SMALL_LINE = 0.15, 0.115
TALLY_ROW = 6.5  # points
EDGE = 0.06  # of the sheet
KEY = 0.48  # of a legend, with the spaces beside it
LETTER = 0.055  # of 7 points, a wide one
TITLE = {"fontsize": 9}
NOTICE = {"fontsize": 7, "color": "#B00020"}
NOTE = {"fontsize": 6, "color": "0.3"}


@dataclass
class Sheet:
    """A figure with `rows` x `columns` panels; `axes` is indexed [row][column].

    header: the lines above the legend, with their looks. notes: explanations of marks that the
    drawing has used, printed below. tallies: {row: lines of tallies above it}. shown: the lines of
    each panel that was drawn.
    """

    figure: Figure
    axes: list[list[Axes]]
    header: list[tuple[str, dict]]
    facts: str
    row_names: list[str]
    notes: list[str] = field(default_factory=list)
    tallies: dict[int, int] = field(default_factory=dict)
    shown: list[tuple[Axes, Lines, Looks]] = field(default_factory=list)

    @property
    def panel_width(self) -> float:
        """Of a frame, in inches."""
        right = RIGHT + (ROW_NAME if self.row_names else 0)
        return (WIDTH - right) / len(self.axes[0]) - LEFT

    def note(self, words: str) -> None:
        """Explain a mark below the panels, once."""
        if words not in self.notes:
            self.notes.append(words)

    def make_room(self, row: int, tallies: int) -> None:
        """Let a row of panels have so many lines of tallies above it, at least."""
        self.tallies[row] = max(self.tallies.get(row, 0), tallies)

    def finish(self, handles: list[Artist]) -> None:
        """Place words and panels."""
        footer = wrapped((self.facts, NOTE), ("; ".join(self.notes), NOTE))
        above = EDGE + (len(self.header) + legend_rows(handles)) * LINE + 0.04
        rows = [self._above(row) + PANEL_HEIGHT + self._below(row) for row in range(len(self.axes))]
        height = above + sum(rows) + EDGE + len(footer) * SMALL_LINE
        self.figure.set_size_inches(WIDTH, height)
        for place, (words, look) in enumerate(self.header):
            self._write(words, height, EDGE + place * LINE, **look)
        draw_legend(self.figure, handles, EDGE + len(self.header) * LINE)
        for row in range(len(self.axes)):
            self._place(row, height, above + sum(rows[:row]) + self._above(row))
        for place, (words, look) in enumerate(footer):
            self._write(words, height, above + sum(rows) + place * SMALL_LINE, **look)

    def _above(self, row: int) -> float:
        return 0.08 + self.tallies.get(row, 0) * TALLY_ROW / 72

    def _below(self, row: int) -> float:
        return LABELLED if any(ax.get_xlabel() for ax in self.axes[row]) else TICKS

    def _write(self, words: str, height: float, top: float, **look) -> None:
        self.figure.text(EDGE / WIDTH, 1 - top / height, words, va="top", ha="left", **look)

    def _place(self, row: int, height: float, top: float) -> None:
        """Frames and their labels; fixed places for labels save measuring the tick labels."""
        width, bottom = self.panel_width, height - top - PANEL_HEIGHT
        for column, ax in enumerate(self.axes[row]):
            left = LEFT + column * (LEFT + width)
            box = (left / WIDTH, bottom / height, width / WIDTH, PANEL_HEIGHT / height)
            ax.set_position(box)
            ax.yaxis.set_label_coords(-Y_LABEL / width, 0.5)
            ax.xaxis.set_label_coords(0.5, -X_LABEL / PANEL_HEIGHT)
        if self.row_names:
            ax.annotate(
                self.row_names[row], (1, 0.5), xycoords="axes fraction", xytext=(5, 0),
                textcoords="offset points", rotation=270, va="center",
            )  # fmt: skip


def wrapped(*words: tuple[str | None, dict]) -> list[tuple[str, dict]]:
    """Words with their looks as lines that fit on the sheet; without those that are None."""
    return [
        (line, look)
        for text, look in words
        for line in wrap(text or "", int((WIDTH - 2 * EDGE) / (LETTER / 7 * look["fontsize"])))
    ]


def legend_rows(handles: list[Artist]) -> int:
    """How many lines a legend needs, by the length of its words."""
    widths = [KEY + LETTER * len(str(handle.get_label())) for handle in handles]
    for rows in range(1, len(handles) + 1):
        columns = np.array_split(widths, ceil(len(widths) / rows))  # as matplotlib fills them
        if sum(map(max, columns)) <= WIDTH - 2 * EDGE:
            return rows
    return len(handles)


def draw_legend(figure: Figure, handles: list[Artist], top: float) -> None:
    """Keys from the left edge, so far below the upper one."""
    if handles:
        columns = ceil(len(handles) / legend_rows(handles))
        figure.legend(
            handles=handles, ncols=columns, columnspacing=1.6, loc="upper left",
            bbox_to_anchor=(EDGE / WIDTH, 1 - top / figure.get_figheight()),
        )  # fmt: skip


def new_sheet(
    columns: int,
    rows: int,
    title: str,
    notice: str | None,
    unfinished: str | None,
    facts: str,
    row_names: list[str] | None = None,
) -> Sheet:
    """An empty sheet; `row_names` stand at the right of each row."""
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = [[_panel(figure, row, column) for column in range(columns)] for row in range(rows)]
    header = wrapped((title, TITLE), (unfinished, {**NOTICE, "weight": "bold"}), (notice, NOTICE))
    return Sheet(figure, axes, header, facts, row_names or [])


def _panel(figure: Figure, row: int, column: int) -> Axes:
    return figure.add_axes((0, 0, 1, 1), label=f"panel {row} {column}")  # placed when finished
