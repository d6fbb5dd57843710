"""Lines with their spread, and marks for what a plain line would hide."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox, ScaledTranslation, TransformedBbox
from numpy.typing import ArrayLike

from largebatch.figures.limits import possible_values
from largebatch.figures.points import Lines, Points
from largebatch.figures.style import Look, Options

# A stripe, too wide for an error bar.
OPTIMUM: Options = {"color": "0.87", "linewidth": 5, "solid_capstyle": "butt"}
PAPER: Options = {"color": "black", "marker": "^", "markersize": 5, "markerfacecolor": "white"}


def draw_bars(ax: Axes, shown: Points, look: Look, metric: str, gid: str) -> None:
    """Draw means with bars of one standard deviation; hollow where some seeds diverged.

    The line holds the table's means unchanged. A bar that would leave a log axis ends just off it;
    one that would leave the metric's possible values ends where they do, without a cap, because a
    cap would pretend that the bar itself ends there. A mean that is off the axis has no bar.
    """
    std = np.where(on_scale(ax, shown), shown.std, np.nan)
    down = np.clip(np.minimum(std, shown.mean - ax.get_ylim()[0] / 2), 0, None)
    line, caps, bars = ax.errorbar(
        shown.x,
        shown.mean,
        yerr=(down, std),
        elinewidth=0.8,
        **look.drawn(),
    )
    line.set_gid(gid)
    low, high = np.clip(possible_values(metric), *ax.get_ylim())
    for artist in (*caps, *bars):
        artist.set_clip_box(TransformedBbox(Bbox([[0, low], [1, high]]), ax.get_yaxis_transform()))
    some = shown.where(shown.some_diverged)
    if len(some.x):
        draw_markers(ax, some.x, some.mean, look, gid=f"{gid}:hollow", markerfacecolor="white")


def draw_band(ax: Axes, shown: Points, look: Look, metric: str, gid: str, every: int = 1) -> None:
    """Draw a line of means with a band of one standard deviation.

    The band ends at the floor of the axis, and at the metric's possible values. every: the spacing
    of markers, in points.
    """
    possible = possible_values(metric)
    low = np.maximum(shown.mean - shown.std, max(possible[0], ax.get_ylim()[0]))
    high = np.minimum(shown.mean + shown.std, possible[1])
    shade: Options = {"color": look.colour, "alpha": 0.22, "linewidth": 0}
    ax.fill_between(shown.x, low, high, where=on_scale(ax, shown), **shade)
    (line,) = ax.plot(shown.x, shown.mean, markevery=every, **look.drawn(0.8))
    line.set_gid(gid)


def ends_early(ax: Axes, line: Points, metric: str) -> bool:
    """Does a bar or band that is drawn on the axis end where the metric's possible values do?"""
    (bottom, top), (low, high) = ax.get_ylim(), possible_values(metric)
    drawn = line.where(on_scale(ax, line))
    below = (drawn.mean - drawn.std < low) & (low >= bottom)
    above = (drawn.mean + drawn.std > high) & (high <= top)
    return bool((below | above).any())


def spacing(curves: Lines) -> int:
    """The spacing of markers that puts about ten on a curve."""
    return max(1, max((len(line.x) for line in curves.values()), default=0) // 10)


def draw_markers(ax: Axes, x: ArrayLike, y: ArrayLike, look: Look, **options) -> None:
    """Draw markers without a line; options: matplotlib's, beside or instead of the look's."""
    options = {"marker": look.marker, "markersize": look.size, "zorder": 3, **options}
    ax.plot(x, y, color=look.colour, linestyle="none", **options)


def on_scale(ax: Axes, shown: Points) -> np.ndarray:
    """Which means lie between the limits of the axis; False where there is no mean."""
    low, high = ax.get_ylim()
    return (shown.mean >= low) & (shown.mean <= high)


def moved(ax: Axes, right: float = 0, up: float = 0) -> ScaledTranslation:
    """A shift by so many points, to be added to another transform."""
    return ScaledTranslation(right / 72, up / 72, ax.figure.dpi_scale_trans)


def mark_optimum(ax: Axes, optimum: float | None, paper: float | None) -> None:
    """Draw a stripe at the rate whose curves are shown, and a triangle at the paper's rate."""
    if optimum is not None:
        ax.axvline(optimum, zorder=0.5, gid="optimum", **OPTIMUM)
    if paper is not None:
        where = ax.get_xaxis_transform()
        ax.plot([paper], [0], transform=where, clip_on=False, zorder=4, gid="paper", **PAPER)
