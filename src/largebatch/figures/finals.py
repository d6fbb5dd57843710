"""A panel of final metrics against effective learning rate: what both kinds of figure share."""

from collections.abc import Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import metric_axis
from largebatch.figures.divergences import tally_divergences
from largebatch.figures.face import BEYOND, ENDS, NO_RUN, SHARED, TALLY, rate_label
from largebatch.figures.marks import draw_bars, ends_early
from largebatch.figures.paper import say_none
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
    row: int,
    column: int,
    metric: str,
    lines: Lines,
    styles: Looks,
    among: list[Points] | None = None,
) -> None:
    """Draw the lines on a panel of `sheet`; its axis fits the lines `among` (default: `lines`)."""
    if not lines:
        say_none(sheet.axes[row][column], NO_RUN)
        return
    ax, panel = sheet.axes[row][column], f"sweep:{metric}"
    if sheet.row_names:  # one metric has several panels, and names of artists must be unique
        panel += f":{sheet.row_names[row].replace(' ', '-')}"
    sheet.shown.append(
        Shown(ax, lines, styles, lambda lr: f"effective rate {rate_label(lr)}", metric)
    )
    metric_axis(ax, metric, among or list(lines.values()), whole=False)
    for optimizer, line in lines.items():
        draw_bars(ax, line, styles[optimizer], metric, gid=f"{panel}:{optimizer}")
    for words in shared_colours(styles):
        sheet.note(words)
    note_ends(sheet, ax, metric, lines)
    if mark_off_scale(ax, lines, styles, panel):
        sheet.note(BEYOND)
    if tallies := tally_divergences(ax, lines, styles):
        sheet.make_room(row, tallies)
        sheet.note(TALLY)


def note_ends(sheet: Sheet, ax: Axes, metric: str, lines: Lines) -> None:
    """Add a note if a bar or band of the panel ends where the metric's possible values do."""
    if any(ends_early(ax, line, metric) for line in lines.values()):
        sheet.note(ENDS)


def shared_colours(styles: Looks) -> list[str]:
    """A note if two lines have one colour; empty if none have."""
    colours = [look.colour for look in styles.values()]
    return [SHARED] if len(set(colours)) < len(colours) else []


def series_handles(styles: Mapping[Any, Look]) -> list[Artist]:
    """Keys of the lines, for the legend."""
    return [Line2D([], [], label=look.label, **look.drawn()) for look in styles.values()]
