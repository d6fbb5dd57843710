"""Figures 1, 2 and 4 to 9: final metrics against effective learning rate, and curves below."""

import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.axes import LR_LABEL, metric_axis, metric_label, rate_axis, rate_label
from largebatch.figures.finals import draw_finals, lines_of, series_handles
from largebatch.figures.marks import (
    OPTIMUM,
    PAPER,
    Lines,
    Looks,
    draw_band,
    mark_off_scale,
    mark_optimum,
    name_divergences,
)
from largebatch.figures.points import points
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import looks


def draw_sweep(sheet: Sheet, table: pa.Table, settings: dict) -> list[Artist]:
    """Top row: metrics of the last epoch. Bottom row: the same in training, at the optimum.

    Draws on the 2 x metrics panels of `sheet`; returns the handles of the legend.
    """
    shown, (sweep,) = settings["figure"], settings["sweeps"]
    model = settings["tasks"][sweep["task"]]["model"]
    styles, grid = looks(sweep["optimizers"]), sorted(sweep["effective_lrs"])
    optimum, paper = _optimum(table), shown["paper_optimum"]
    for column, metric in enumerate(shown["metrics"]):
        top, bottom = (row[column] for row in sheet.axes)
        rate_axis(top, grid, sheet.column_width, keep=optimum)
        top.set_xlabel(LR_LABEL)
        top.set_ylabel(metric_label(metric, model, final=True))
        lines = lines_of(table, "sweep", metric, styles)
        sheet.make_room(0, draw_finals(top, metric, lines, styles))
        mark_optimum(top, optimum, paper)
        if optimum is None:
            _say_none(bottom)
            continue
        bottom.set_xlabel(f"epoch, at effective learning rate {rate_label(optimum)}")
        bottom.set_ylabel(metric_label(metric, model, final=False))
        _draw_curves(bottom, metric, lines_of(table, "curves", metric, styles, x="epoch"), styles)
    return [*series_handles(styles), *_optimum_handles(optimum, paper)]


def _optimum(table: pa.Table) -> float | None:
    """The rate whose curves the table holds; None if it holds none."""
    rates = points(table, panel="curves").x
    return float(rates[0]) if len(rates) else None


def _draw_curves(ax: Axes, metric: str, lines: Lines, styles: Looks) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    metric_axis(ax, metric, list(lines.values()), whole=True)
    for optimizer, line in lines.items():
        draw_band(ax, line, styles[optimizer], gid=f"curves-{metric}-{optimizer}")
    mark_off_scale(ax, lines, styles, panel=f"curves-{metric}")
    name_divergences(ax, lines, styles, at_top=not is_accuracy(metric))


def _say_none(ax: Axes) -> None:
    ax.set_axis_off()
    words = "no curves: seeds diverged at every rate"
    ax.text(0.5, 0.5, words, transform=ax.transAxes, ha="center", va="center")


def _optimum_handles(optimum: float | None, paper: float | None) -> list[Artist]:
    handles = []
    if optimum is not None:
        words = f"optimum {rate_label(optimum)}, curves below"
        line = {"marker": "|", "markersize": 8, "markeredgewidth": OPTIMUM["linewidth"]}
        handles.append(Line2D([], [], color=OPTIMUM["color"], ls="none", label=words, **line))
    if paper is not None:
        words = f"the paper's optimum {rate_label(paper)}"
        handles.append(Line2D([], [], ls="none", label=words, **PAPER))
    return handles
