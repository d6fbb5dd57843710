"""A panel of final metrics against effective learning rate: what all kinds of figure share."""

from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from largebatch.analysis.metrics import is_expected
from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import metric_axis
from largebatch.figures.divergences import tally_divergences
from largebatch.figures.face import BEYOND, CROSS, ENDS, NO_RUN, SHARED, TALLY, rate_label
from largebatch.figures.marks import draw_bars, ends_early
from largebatch.figures.paper import legend_keys, say_none
from largebatch.figures.points import Lines, Points, Rows, points
from largebatch.figures.sheet import Sheet, Shown
from largebatch.figures.style import Look, Looks


def lines_of(
    rows: Rows, panel: str, metric: str, styles: Looks, x: str = "effective_lr", **which
) -> Lines:
    """The lines of one panel by optimizer, without those that have no row."""
    chosen = {"panel": panel, "metric": metric, **which}
    lines = {name: points(rows, x, optimizer=name, **chosen) for name in styles}
    return {name: line for name, line in lines.items() if len(line.x)}


def draw_finals(
    sheet: Sheet,
    ax: Axes,
    panel: str,
    metric: str,
    lines: Lines,
    styles: Looks,
    among: list[Points] | None = None,
) -> None:
    """Draw the lines on a panel of `sheet`; its axis fits the lines `among` (default: `lines`).

    panel: its name, of which those of its artists are made.
    """
    if not lines:
        say_none(ax, NO_RUN)
        return
    sheet.shown.append(
        Shown(ax, lines, styles, lambda lr: f"effective rate {rate_label(lr)}", metric)
    )
    metric_axis(ax, metric, among or list(lines.values()), whole=False)
    for optimizer, line in lines.items():
        draw_bars(ax, line, styles[optimizer], metric, gid=f"{panel}:{optimizer}")
    sheet.note(SHARED, when=shared_colours(styles))
    tell_cuts(sheet, ax, panel, metric, lines, styles)
    sheet.tallies[ax] = tally_divergences(ax, lines, styles, metric)
    sheet.note(CROSS if is_expected(metric) else TALLY, when=sheet.tallies[ax] > 0)


def tell_cuts(
    sheet: Sheet, ax: Axes, panel: str, metric: str, lines: Lines, styles: Looks, every: int = 1
) -> None:
    """Mark means beyond the axis; explain the marks, and bars and bands that end early.

    every: as for `mark_off_scale`.
    """
    sheet.note(ENDS, when=any(ends_early(ax, line, metric) for line in lines.values()))
    sheet.note(BEYOND, when=mark_off_scale(ax, lines, styles, panel, every))


def shared_colours(styles: Looks) -> bool:
    """Whether two lines have one colour."""
    return len({look.colour for look in styles.values()}) < len(styles)


def series_handles(styles: Mapping[Any, Look]) -> list[Artist]:
    """Keys of the lines, for the legend."""
    return legend_keys((look.label, look.drawn()) for look in styles.values())
