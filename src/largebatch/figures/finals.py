"""A panel of final metrics against effective learning rate: what both kinds of figure share."""

import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from largebatch.figures.axes import metric_axis
from largebatch.figures.marks import Lines, Looks, draw_bars, mark_off_scale, tally_divergences
from largebatch.figures.points import Points, points


def lines_of(
    table: pa.Table, panel: str, metric: str, styles: Looks, x: str = "effective_lr", **which
) -> Lines:
    """The lines of one panel by optimizer; without those of which the table has no row."""
    chosen = {"panel": panel, "metric": metric, **which}
    lines = {name: points(table, x, optimizer=name, **chosen) for name in styles}
    return {name: line for name, line in lines.items() if len(line.x)}


def draw_finals(
    ax: Axes,
    metric: str,
    lines: Lines,
    styles: Looks,
    among: list[Points] | None = None,
    suffix: str = "",
) -> int:
    """Draw the lines; returns the rows of tallies above the panel.

    The axis has the limits of the lines `among` (default: its own). `suffix` makes the names of
    artists (`gid`) unique where one metric has several panels.
    """
    if not lines:
        return 0
    panel = f"sweep-{metric}{suffix}"
    metric_axis(ax, metric, among or list(lines.values()), whole=False)
    for optimizer, line in lines.items():
        draw_bars(ax, line, styles[optimizer], gid=f"{panel}-{optimizer}")
    mark_off_scale(ax, lines, styles, panel)
    return tally_divergences(ax, lines, styles)


def series_handles(styles: Looks) -> list[Artist]:
    """Keys of the lines, for the legend."""
    return [
        Line2D([], [], color=look.colour, marker=look.marker, markersize=look.size, ls=look.line,
               label=look.label)
        for look in styles.values()
    ]  # fmt: skip
