"""Figure 3: one line per momentum, one part per sweep (batch), one panel per metric."""

import numpy as np
from matplotlib.artist import Artist

from largebatch.figures.axes import LR_LABEL, rate_axis
from largebatch.figures.finals import draw_finals, lines_of, series_handles
from largebatch.figures.points import Rows
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import looks


def draw_momenta(
    sheet: Sheet, panels: np.ndarray, rows: Rows, settings: dict, labels: list[list[str]]
) -> list[Artist]:
    """Draw final metrics; panels share the axis of rates, and those of a metric their limits.

    panels: those of `sheet`, indexed [sweep, metric] like the labels of their axes. Returns the
    handles of the legend.
    """
    sweeps = settings["sweeps"]
    styles = looks(name for sweep in sweeps for name in sweep["optimizers"])
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    for column, metric in enumerate(settings["figure"]["metrics"]):
        parts = [lines_of(rows, "sweep", metric, styles, batch=s["batch"]) for s in sweeps]
        among = [line for lines in parts for line in lines.values()]
        for row, (sweep, lines) in enumerate(zip(sweeps, parts, strict=True)):
            ax, panel = panels[row, column], f"sweep:{metric}:batch-{sweep['batch']}"
            rate_axis(ax, grid)
            ax.set_ylabel(f"final {labels[row][column]}")
            draw_finals(sheet, ax, panel, metric, lines, styles, among)
    for ax in sheet.axes[-1]:
        ax.set_xlabel(LR_LABEL)
    return series_handles(styles)
