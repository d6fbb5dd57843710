"""A sheet: panels, the words around them and what was drawn."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from largebatch.figures.paper import (
    NOTE,
    NOTICE,
    TITLE,
    WIDTH,
    Line,
    wrapped,
    write_words,
)
from largebatch.figures.points import Lines
from largebatch.figures.style import Looks

PANEL_HEIGHT = 1.25  # of a frame
LEFT, RIGHT = 0.68, 0.08  # of a frame: tick labels and a two-line label; half a tick label
APART = 0.12  # more between two frames if the label between them has two lines
X_LABEL = 0.20  # from the frame to the label of its x-axis
TICKS, LABELLED = 0.22, 0.36  # below a frame: without and with a label
ABOVE, NAME = 0.08, 0.1  # above a frame: always; more for the name of a panel
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
    that the drawing has used, printed after the facts. tallies: {panel: lines of tallies above it}.
    shown: the panels of lines that were drawn. The title of a panel is its name.
    """

    figure: Figure
    axes: np.ndarray
    header: list[Line]
    facts: str
    row_names: Sequence[str]
    notes: list[str] = field(default_factory=list)
    tallies: dict[Axes, int] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    def note(self, words: str, when: bool = True) -> None:
        """Explain below the panels, once, a mark that is there (`when`)."""
        if when and words not in self.notes:
            self.notes.append(words)

    def leave_out(self, names: Sequence[str], why: str) -> None:
        """Say below the panels what the figure does not show, if there is anything."""
        self.note(f"not shown: {', '.join(names)} ({why})", when=bool(names))

    def finish(self, handles: Sequence[Artist]) -> Figure:
        """Place words and panels. handles: of the legend."""
        footer = wrapped((self.facts, NOTE), ("; ".join(self.notes), NOTE))
        rows = [self._above(row) + PANEL_HEIGHT + self._below(row) for row in self.axes]
        top = write_words(self.figure, self.header, handles, footer, sum(rows))
        for place, row in enumerate(self.axes):
            self._place(row, top + sum(rows[:place]) + self._above(row))
        for ax, name in zip(self.axes[:, -1], self.row_names, strict=False):
            if name:
                ax.annotate(
                    name, (1, 0.5), xycoords="axes fraction", xytext=(5, 0),
                    textcoords="offset points", rotation=270, va="center",
                )  # fmt: skip
        return self.figure

    def _above(self, row: Iterable[Axes]) -> float:
        name = NAME if any(ax.get_title("left") for ax in row) else 0
        return ABOVE + name + self._tallies(row) / 72

    def _tallies(self, row: Iterable[Axes]) -> float:
        """The room that the tallies above a row of panels take, in points."""
        return TALLY_ROW * max(self.tallies.get(ax, 0) for ax in row)

    def _below(self, row: Iterable[Axes]) -> float:
        return LABELLED if any(ax.get_xlabel() for ax in row) else TICKS

    def _place(self, row: Sequence[Axes], top: float) -> None:
        """Place frames, the labels of their x-axes and their names."""
        height = self.figure.get_figheight()
        bottom = (height - top - PANEL_HEIGHT) / height
        for ax in row:
            left, right = ax.get_position().intervalx
            ax.set_position(Bbox([[left, bottom], [right, bottom + PANEL_HEIGHT / height]]))
            ax.xaxis.set_label_coords(0.5, -X_LABEL / PANEL_HEIGHT)
            ax.set_title(ax.get_title("left"), pad=3 + self._tallies(row))


def new_sheet(
    rows: int,
    columns: int,
    *,
    title: str,
    facts: str = "",
    unfinished: str | None = None,
    notice: str | None = None,
    row_names: Sequence[str] = (),
    long_labels: bool = False,
) -> Sheet:
    """An empty sheet, whose panels have their widths; `Sheet.finish` sets the heights.

    row_names: written to the right of the rows, some of which may be empty. long_labels: whether a
    label between two panels has two lines.
    """
    right = RIGHT + (ROW_NAME if any(row_names) else 0)
    between = LEFT + (APART if long_labels else 0)
    width = (WIDTH - right - LEFT - (columns - 1) * between) / columns
    figure, axes = Figure(figsize=(WIDTH, WIDTH)), np.empty((rows, columns), Axes)
    FigureCanvasAgg(figure)
    for row, column in np.ndindex(rows, columns):
        x = LEFT + column * (width + between)
        axes[row, column] = figure.add_axes((x / WIDTH, 0, width / WIDTH, 1))
    header = wrapped((title, TITLE), (unfinished, {**NOTICE, "weight": "bold"}), (notice, NOTICE))
    return Sheet(figure, axes, header, facts, row_names)
