"""Figure 3: one line a momentum, one row a sweep (batch), one column a metric."""

import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from largebatch.figures.axes import LR_LABEL, metric_label, rate_axis
from largebatch.figures.finals import draw_finals, lines_of, series_handles
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import looks


def draw_momenta(sheet: Sheet, table: pa.Table, settings: dict) -> list[Artist]:
    """Final metrics; rows share the axis of rates, and the limits of a column, for comparison.

    Draws on the sweeps x metrics panels of `sheet`; returns the handles of the legend.
    """
    sweeps = settings["sweeps"]
    styles = looks(list(dict.fromkeys(name for s in sweeps for name in s["optimizers"])))
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    for column, metric in enumerate(settings["figure"]["metrics"]):
        rows = [lines_of(table, "sweep", metric, styles, batch=s["batch"]) for s in sweeps]
        among = [line for lines in rows for line in lines.values()]
        for row, (sweep, lines) in enumerate(zip(sweeps, rows, strict=True)):
            ax, model = sheet.axes[row][column], settings["tasks"][sweep["task"]]["model"]
            rate_axis(ax, grid, sheet.column_width)
            ax.set_ylabel(metric_label(metric, model, final=True))
            suffix = f"-b{sweep['batch']}"
            sheet.make_room(row, draw_finals(ax, metric, lines, styles, among, suffix))
        sheet.axes[-1][column].set_xlabel(LR_LABEL)
    for row, sweep in zip(sheet.axes, sweeps, strict=True):
        _name_row(row[-1], f"batch {sweep['batch']}")
    return series_handles(styles)


def _name_row(ax: Axes, name: str) -> None:
    ax.annotate(
        name, (1, 0.5), xycoords="axes fraction", textcoords="offset points", xytext=(5, 0),
        rotation=270, va="center", weight="bold",
    )  # fmt: skip
