"""Lines with their spread, and marks for what a plain line would hide."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from largebatch.figures.points import Points
from largebatch.figures.style import Look

SMALL = 5.5  # points
TALLY_ROW = 6.5  # points
Lines = dict[str, Points]
Looks = dict[str, Look]


def draw_bars(ax: Axes, shown: Points, look: Look, gid: str) -> None:
    """Means with bars of one standard deviation; hollow where some seeds diverged.

    The line holds the table's means as they are; a bar that would leave the axis ends there.
    """
    lowest = ax.get_ylim()[0] / 2  # just off the axis, so that no cap pretends that the bar ends
    down = np.clip(np.minimum(shown.std, shown.mean - lowest), 0, None)
    line, _, _ = ax.errorbar(
        shown.x,
        shown.mean,
        yerr=(down, shown.std),
        color=look.colour,
        marker=look.marker,
        markersize=look.size,
        linestyle=look.line,
        elinewidth=0.8,
    )
    line.set_gid(gid)
    some = shown.where(shown.some_diverged)
    if len(some.x):
        _markers(ax, some.x, some.mean, look, gid=f"{gid}-hollow", markerfacecolor="white")


def draw_band(ax: Axes, shown: Points, look: Look, gid: str) -> None:
    """A curve of means with a band of one standard deviation, which ends at the axis' floor."""
    low = np.maximum(shown.mean - shown.std, ax.get_ylim()[0])
    high = shown.mean + shown.std
    ax.fill_between(shown.x, low, high, color=look.colour, alpha=0.22, linewidth=0)
    (line,) = ax.plot(
        shown.x,
        shown.mean,
        color=look.colour,
        marker=look.marker,
        markersize=0.8 * look.size,
        linestyle=look.line,
        markevery=max(1, len(shown.x) // 10),
    )
    line.set_gid(gid)


def _markers(ax: Axes, x: np.ndarray, y: np.ndarray, look: Look, **options) -> None:
    options = {"marker": look.marker, "markersize": look.size, "zorder": 3, **options}
    ax.plot(x, y, color=look.colour, linestyle="none", **options)


def mark_off_scale(ax: Axes, lines: Lines, looks: Looks, panel: str) -> None:
    """An arrowhead at the edge for each mean beyond the axis, and their count."""
    floor, ceiling = ax.get_ylim()
    beyond = {name: (line.mean < floor, line.mean > ceiling) for name, line in lines.items()}
    for side, (edge, y, tip) in enumerate([("bottom", 0.03, "v"), ("top", 0.97, "^")]):
        marked = {name: lines[name].x[masks[side]] for name, masks in beyond.items()}
        marked = {name: x for name, x in marked.items() if len(x)}
        for place, (name, x) in enumerate(marked.items()):
            shift = 3.2 * (place - (len(marked) - 1) / 2)  # points, so that none hides another
            where = ax.get_xaxis_transform() + _shifted(ax, shift)
            _markers(
                ax, x, np.full(len(x), y), looks[name], gid=f"{panel}-{name}-{edge}",
                marker=tip, markersize=3.5, transform=where, clip_on=False,
            )  # fmt: skip
        if marked:
            _count(ax, np.concatenate(list(marked.values())), y)


def _shifted(ax: Axes, points: float) -> ScaledTranslation:
    return ScaledTranslation(points / 72, 0, ax.figure.dpi_scale_trans)


def _count(ax: Axes, x: np.ndarray, y: float) -> None:
    """`2 off scale`, beside the arrowheads, on the side with more room."""
    left, right = (_fraction(ax, value) for value in (x.min(), x.max()))
    place, side, shift = (x.min(), "right", -6) if left > 1 - right else (x.max(), "left", 6)
    ax.annotate(
        f"{len(x)} off scale", (place, y), xycoords=ax.get_xaxis_transform(), fontsize=SMALL,
        textcoords="offset points", xytext=(shift, 0), ha=side, va="center", color="0.25",
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 0.5},
    )  # fmt: skip


def _fraction(ax: Axes, x: float) -> float:
    """How far to the right of the axis' left end, from 0 to 1."""
    return float((ax.transScale + ax.transLimits).transform((x, ax.get_ylim()[0]))[0])


def tally_divergences(ax: Axes, lines: Lines, looks: Looks) -> int:
    """`k/5` above the axis where k of 5 seeds diverged; a row for each line that has any.

    Returns the number of rows.
    """
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(reversed(having)):
        some = lines[name].where(lines[name].diverged > 0)
        for x, n, k in zip(some.x, some.n, some.diverged, strict=True):
            ax.annotate(
                f"{k}/{n + k}", (x, 1), xycoords=ax.get_xaxis_transform(), fontsize=SMALL,
                textcoords="offset points", xytext=(0, 2 + TALLY_ROW * row),
                ha="center", va="bottom", color=looks[name].colour,
            )  # fmt: skip
    return len(having)


def name_divergences(ax: Axes, lines: Lines, looks: Looks, at_top: bool) -> None:
    """`SGD: 1 of 5 seeds diverged`, inside a panel of curves."""
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(having):
        diverged, total = lines[name].diverged.max(), (lines[name].n + lines[name].diverged).max()
        y, shift, edge = (1, -2 - 8 * row, "top") if at_top else (0, 2 + 8 * row, "bottom")
        ax.annotate(
            f"{looks[name].label}: {diverged} of {total} seeds diverged", (1, y),
            xycoords="axes fraction", textcoords="offset points", xytext=(-2, shift),
            ha="right", va=edge, fontsize=SMALL + 0.5, color=looks[name].colour,
        )  # fmt: skip


OPTIMUM = {"color": "0.35", "linewidth": 0.9}
PAPER = {"color": "black", "marker": "^", "markersize": 5, "markerfacecolor": "white"}


def mark_optimum(ax: Axes, optimum: float | None, paper: float | None) -> None:
    """A line at the rate whose curves are shown; a triangle at the one that the paper states."""
    if optimum is not None:
        ax.axvline(optimum, zorder=1, gid="optimum", **OPTIMUM)
    if paper is not None:
        where = ax.get_xaxis_transform()
        ax.plot([paper], [0], transform=where, clip_on=False, zorder=4, gid="paper", **PAPER)
