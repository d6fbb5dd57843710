"""Figures 1, 2 and 4 to 9: final metrics against effective learning rate, and curves below."""

import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.axes import LR_LABEL, metric_axis, metric_label, rate_axis, rate_label
from largebatch.figures.marks import (
    draw_band,
    draw_bars,
    mark_off_scale,
    mark_optimum,
    name_divergences,
    tally_divergences,
)
from largebatch.figures.points import Points, joined, points
from largebatch.figures.sheet import Sheet
from largebatch.figures.style import Look, looks


def draw_sweep(sheet: Sheet, table: pa.Table, settings: dict) -> list[Artist]:
    """Top row: metrics of the last epoch. Bottom row: the same in training, at the optimum."""
    shown, (sweep,) = settings["figure"], settings["sweeps"]
    model = settings["tasks"][sweep["task"]]["model"]
    styles, grid = looks(sweep["optimizers"]), sorted(sweep["effective_lrs"])
    optimum = optimum_of(table)
    for column, metric in enumerate(shown["metrics"]):
        top, bottom = (row[column] for row in sheet.axes)
        rate_axis(top, grid, sheet.column_width, keep=optimum)
        top.set_xlabel(LR_LABEL)
        top.set_ylabel(metric_label(metric, model, final=True))
        finals(top, metric, lines_of(table, "sweep", metric, styles), styles)
        mark_optimum(top, optimum, shown["paper_optimum"])
        bottom.set_ylabel(metric_label(metric, model, final=False))
        _curves(bottom, metric, lines_of(table, "curves", metric, styles, x="epoch"), styles, optimum)
    return _legend(styles, optimum, shown["paper_optimum"])


def optimum_of(table: pa.Table) -> float | None:
    """The rate whose curves the table holds; None if there is none."""
    curves = points(table, panel="curves")
    return float(curves.x[0]) if len(curves.x) else None


def lines_of(
    table: pa.Table, panel: str, metric: str, styles: dict[str, Look], x: str = "effective_lr", **which
) -> dict[str, Points]:
    """The lines of one panel by optimizer; without those of which the table has no row."""
    lines = {
        name: points(table, x, panel=panel, metric=metric, optimizer=name, **which) for name in styles
    }
    return {name: line for name, line in lines.items() if len(line.x)}


def finals(
    ax: Axes, metric: str, lines: dict[str, Points], styles: dict[str, Look], among: Points | None = None,
    name: str = "",
) -> None:
    """A panel of final metrics; its limits are those of `among` (default: of its own points)."""
    if not lines:
        return
    metric_axis(ax, metric, among or joined(list(lines.values())), whole=False)
    for optimizer, line in lines.items():
        draw_bars(ax, line, styles[optimizer], gid=f"sweep-{metric}{name}-{optimizer}")
    mark_off_scale(ax, lines, styles, panel=f"sweep-{metric}{name}")
    tally_divergences(ax, lines, styles)


def _curves(
    ax: Axes, metric: str, lines: dict[str, Points], styles: dict[str, Look], optimum: float | None
) -> None:
    if optimum is None:
        ax.text(0.5, 0.5, "no rate without divergence", transform=ax.transAxes, ha="center")
        ax.set_axis_off()
        return
    ax.set_xlabel(f"epoch, at effective learning rate {rate_label(optimum)}")
    metric_axis(ax, metric, joined(list(lines.values())), whole=True)
    for optimizer, line in lines.items():
        draw_band(ax, line, styles[optimizer], gid=f"curves-{metric}-{optimizer}")
    mark_off_scale(ax, lines, styles, panel=f"curves-{metric}")
    name_divergences(ax, lines, styles, at_top=not is_accuracy(metric))


def series_handles(styles: dict[str, Look]) -> list[Artist]:
    """Keys of the lines, for the legend."""
    return [
        Line2D([], [], color=s.colour, marker=s.marker, linestyle=s.line, label=s.label)
        for s in styles.values()
    ]


def _legend(styles: dict[str, Look], optimum: float | None, paper: float | None) -> list[Artist]:
    handles = series_handles(styles)
    if optimum is not None:
        words = f"optimum {rate_label(optimum)}, curves below"
        handles.append(Line2D([], [], color="0.55", linewidth=0.9, label=words))
    if paper is not None:
        words = f"the paper's optimum {rate_label(paper)}"
        handles.append(
            Line2D([], [], color="black", marker="^", linestyle="none", markersize=5,
                   markerfacecolor="none", label=words)
        )  # fmt: skip
    return handles
