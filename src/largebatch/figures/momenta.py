"""Figure 3: one line a momentum, one row a sweep (batch), one column a metric."""

import pyarrow as pa
from matplotlib.artist import Artist

from largebatch.figures.axes import LR_LABEL, metric_label, rate_axis
from largebatch.figures.points import points
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import looks
from largebatch.figures.sweep import finals, lines_of, series_handles


def draw_momenta(sheet: Sheet, table: pa.Table, settings: dict) -> list[Artist]:
    """Final metrics; rows share the axis of rates, and the limits of a column, for comparison."""
    sweeps = settings["sweeps"]
    styles = looks(list(dict.fromkeys(name for s in sweeps for name in s["optimizers"])))
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    for column, metric in enumerate(settings["figure"]["metrics"]):
        among = points(table, panel="sweep", metric=metric)
        for row, sweep in enumerate(sweeps):
            ax, batch = sheet.axes[row][column], sweep["batch"]
            rate_axis(ax, grid, sheet.column_width)
            model = settings["tasks"][sweep["task"]]["model"]
            ax.set_ylabel(metric_label(metric, model, final=True))
            lines = lines_of(table, "sweep", metric, styles, batch=batch)
            finals(ax, metric, lines, styles, among, name=f"-b{batch}")
        sheet.axes[-1][column].set_xlabel(LR_LABEL)
    for row, sweep in zip(sheet.axes, sweeps, strict=True):
        row[-1].annotate(
            f"batch {sweep['batch']}", (1, 0.5), xycoords="axes fraction", textcoords="offset points",
            xytext=(5, 0), rotation=270, va="center", weight="bold",
        )  # fmt: skip
    return series_handles(styles)
