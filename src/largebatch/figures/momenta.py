"""Figure 3: one line per momentum, one row per sweep (batch), one column per metric."""

from matplotlib.artist import Artist

from largebatch.figures.axes import LR_LABEL, rate_axis
from largebatch.figures.face import metric_label
from largebatch.figures.finals import draw_finals, lines_of, series_handles
from largebatch.figures.points import Rows
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import looks


def draw_momenta(sheet: Sheet, rows: Rows, settings: dict) -> list[Artist]:
    """Draw final metrics; panels share the axis of rates, and those of a column their limits.

    Draws on the sweeps x metrics panels of `sheet`; returns the handles of the legend.
    """
    sweeps = settings["sweeps"]
    styles = looks(name for sweep in sweeps for name in sweep["optimizers"])
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    for column, metric in enumerate(settings["figure"]["metrics"]):
        panels = [lines_of(rows, "sweep", metric, styles, batch=s["batch"]) for s in sweeps]
        among = [line for lines in panels for line in lines.values()]
        for row, (sweep, lines) in enumerate(zip(sweeps, panels, strict=True)):
            ax, model = sheet.axes[row][column], settings["tasks"][sweep["task"]]["model"]
            rate_axis(ax, grid)
            ax.set_ylabel(f"final {metric_label(metric, model)}")
            draw_finals(sheet, row, column, metric, lines, styles, among)
        sheet.axes[-1][column].set_xlabel(LR_LABEL)
    return series_handles(styles)
