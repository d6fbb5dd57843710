"""A plate: title and legend above a grid of panels, notes below; all sizes in inches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from largebatch.figures.axes import label_log_axis
from largebatch.figures.paper import (
    NOTE,
    NOTICE,
    TITLE,
    WIDTH,
    new_figure,
    place_row,
    wrapped,
    write_words,
)

PANEL_HEIGHT = 1.5
LEFT, BETWEEN, RIGHT = 0.6, 0.62, 0.1
LABELS = 0.4  # below a panel: ticks and the axis label
NAME = 0.18  # above a panel: its name
MARGIN = 1.3  # of log axes, as a factor
OFF_SCALE = 30  # times the best: where scales of measured losses end


@dataclass(frozen=True)
class Plate:
    """A figure in layout; `axes` is indexed [row, column]."""

    figure: Figure
    axes: np.ndarray

    @property
    def panels(self) -> list[Axes]:
        """All panels, row by row."""
        return list(self.axes.flat)


def new_plate(
    title: str,
    notes: list[str],
    handles: Sequence[Artist],
    *,
    rows: int = 1,
    columns: int = 2,
    notice: str | None = None,
) -> Plate:
    """Empty panels with words around them. `handles`: of the legend. `notice`: a line in red."""
    width = (WIDTH - LEFT - RIGHT - BETWEEN * (columns - 1)) / columns
    figure, axes = new_figure(rows, columns, left=LEFT, width=width, between=BETWEEN)
    header, footer = wrapped((title, TITLE), (notice, NOTICE)), wrapped(*((n, NOTE) for n in notes))
    pitch = NAME + PANEL_HEIGHT + LABELS
    top = write_words(figure, header, handles, footer, rows * pitch, gap=0.03)
    for row, panels in enumerate(axes):
        bottom = 1 - (top + (row + 1) * pitch - LABELS) / figure.get_figheight()
        place_row(figure, panels, bottom, PANEL_HEIGHT)
    return Plate(figure, axes)


def log_axes(ax: Axes, axes: str = "xy") -> None:
    """Log scales, with ticks for the limits that the axes have now."""
    for name in axes:
        ax.set(**{f"{name}scale": "log"})
        label_log_axis({"x": ax.xaxis, "y": ax.yaxis}[name])


def near_best(values: np.ndarray, times: float) -> tuple[float, float]:
    """Limits of a log axis that show what is at most so many times the best (smallest) value."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.1, 10.0
    return known.min() / MARGIN, MARGIN * known[known <= times * known.min()].max()


def batch_axis(ax: Axes, batches: list[int]) -> None:
    """A log2 axis with a tick at each batch; labels where there is room."""
    ax.set_xscale("log", base=2)
    every = 1 + len(batches) // 8
    labels = [f"{batch}" if place % every == 0 else "" for place, batch in enumerate(batches)]
    ax.set_xticks(batches, labels)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("batch B")


def not_shown(names: Sequence[str], why: str) -> list[str]:
    """A note that names what a plate leaves out, and why; empty if it is nothing."""
    return [f"not shown: {', '.join(names)} ({why})"] if names else []


def name_panel(ax: Axes, words: str) -> None:
    """Write above a panel what it shows."""
    ax.set_title(words, fontsize=7, loc="left", pad=3)
