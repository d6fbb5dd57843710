"""A plate: title and legend above a grid of panels, notes below; all sizes in inches.

Margins are fixed, so that nothing has to be drawn to be laid out.
"""

from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from largebatch.figures.axes import label_log_axis
from largebatch.figures.sheet import (
    EDGE,
    LINE,
    NOTE,
    NOTICE,
    SMALL_LINE,
    TITLE,
    WIDTH,
    draw_legend,
    legend_rows,
    wrapped,
)

PANEL_HEIGHT = 1.5
LEFT, BETWEEN, RIGHT = 0.6, 0.62, 0.1
LABELS = 0.4  # below a panel: ticks and the axis' label
NAME = 0.18  # above a panel: its name


@dataclass(frozen=True)
class Plate:
    """A figure in layout; `axes` is indexed [row][column]."""

    figure: Figure
    axes: list[list[Axes]]
    panel_width: float

    @property
    def panels(self) -> list[Axes]:
        """All panels, row by row."""
        return [ax for row in self.axes for ax in row]


def new_plate(
    title: str,
    notes: list[str],
    handles: list[Artist],
    *,
    rows: int = 1,
    columns: int = 2,
    notice: str | None = None,
) -> Plate:
    """Empty panels between words. `handles`: the legend's, if any. `notice`: a line in red."""
    header, footer = wrapped((title, TITLE), (notice, NOTICE)), wrapped(*((n, NOTE) for n in notes))
    above = EDGE + (len(header) + legend_rows(handles)) * LINE + 0.03
    below = EDGE + len(footer) * SMALL_LINE
    height = above + rows * (NAME + PANEL_HEIGHT + LABELS) + below
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    for place, (words, look) in enumerate(header):
        _write(figure, words, 1 - (EDGE + place * LINE) / height, **look)
    for place, (words, look) in enumerate(footer):
        _write(figure, words, (below - place * SMALL_LINE) / height, **look)
    draw_legend(figure, handles, EDGE + len(header) * LINE)
    width = (WIDTH - LEFT - RIGHT - BETWEEN * (columns - 1)) / columns
    pitch = NAME + PANEL_HEIGHT + LABELS
    corners = [
        [
            (LEFT + column * (width + BETWEEN), above + (row + 1) * pitch - LABELS)
            for column in range(columns)
        ]
        for row in range(rows)
    ]
    axes = [[_panel(figure, corner, width) for corner in row] for row in corners]
    return Plate(figure, axes, width)


def _panel(figure: Figure, corner: tuple[float, float], width: float) -> Axes:
    """A frame whose lower left corner is so far from the plate's left and upper edges."""
    left, bottom = corner
    height = figure.get_figheight()
    box = left / WIDTH, 1 - bottom / height, width / WIDTH, PANEL_HEIGHT / height
    return figure.add_axes(box, label=f"panel at {left:.3f} {bottom:.3f}")


def log_axes(ax: Axes, axes: str = "xy") -> None:
    """Log scales, for the limits that the axes have now."""
    for name in axes:
        ax.set(**{f"{name}scale": "log"})
        label_log_axis({"x": ax.xaxis, "y": ax.yaxis}[name])


def batch_axis(ax: Axes, batches: list[int]) -> None:
    """A log2 axis with a tick at each batch; labels where there is room."""
    ax.set_xscale("log", base=2)
    every = 1 + len(batches) // 8
    labels = [f"{batch}" if place % every == 0 else "" for place, batch in enumerate(batches)]
    ax.set_xticks(batches, labels)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("batch B")


def name_panel(ax: Axes, words: str) -> None:
    """What a panel shows, above it."""
    ax.set_title(words, fontsize=7, loc="left", pad=3)


def _write(figure: Figure, words: str, top: float, **look) -> None:
    figure.text(EDGE / WIDTH, top, words, va="top", ha="left", **look)
