"""Lines with their spread, and marks for what a plain line would hide."""

import numpy as np
from matplotlib.axes import Axes

from largebatch.figures.points import Points
from largebatch.figures.style import Look

SMALL = 5.5  # points
TALLY_ROW = 6.5  # points


def draw_bars(ax: Axes, shown: Points, look: Look, gid: str) -> None:
    """Means with bars of one standard deviation; hollow where some seeds diverged.

    The line holds the table's means as they are; a bar ends at the axis' floor.
    """
    floor = ax.get_ylim()[0]
    down = np.clip(np.minimum(shown.std, shown.mean - floor), 0, None)
    line, _, _ = ax.errorbar(
        shown.x,
        shown.mean,
        yerr=(down, shown.std),
        color=look.colour,
        marker=look.marker,
        linestyle=look.line,
        elinewidth=0.8,
        label=look.label,
    )
    line.set_gid(gid)
    some = shown.some_diverged
    if some.any():
        _markers(ax, shown.x[some], shown.mean[some], look, hollow=True, gid=f"{gid}-hollow")


def draw_band(ax: Axes, shown: Points, look: Look, gid: str) -> None:
    """A curve of means with a band of one standard deviation, which ends at the axis' floor."""
    low = np.maximum(shown.mean - shown.std, ax.get_ylim()[0])
    ax.fill_between(
        shown.x, low, shown.mean + shown.std, color=look.colour, alpha=0.22, linewidth=0
    )
    (line,) = ax.plot(
        shown.x,
        shown.mean,
        color=look.colour,
        marker=look.marker,
        linestyle=look.line,
        markevery=max(1, len(shown.x) // 10),
        markersize=3,
        label=look.label,
    )
    line.set_gid(gid)


def _markers(ax: Axes, x, y, look: Look, hollow: bool, gid: str, **options) -> None:
    ax.plot(
        x,
        y,
        linestyle="none",
        marker=options.pop("marker", look.marker),
        markerfacecolor="white" if hollow else look.colour,
        markeredgecolor=look.colour,
        zorder=3,
        gid=gid,
        **options,
    )


def mark_off_scale(ax: Axes, lines: dict[str, Points], looks: dict[str, Look], panel: str) -> None:
    """An arrowhead at the edge for each mean beyond the axis, and their count."""
    for edge, beyond in (("top", _above), ("bottom", _below)):
        found = {name: beyond(shown, ax) for name, shown in lines.items()}
        if not any(mask.any() for mask in found.values()):
            continue
        y, tip = (0.975, "^") if edge == "top" else (0.025, "v")
        for name, mask in found.items():
            if mask.any():
                x = lines[name].x[mask]
                _markers(
                    ax, x, np.full(len(x), y), looks[name], hollow=False, marker=tip, markersize=3.5,
                    gid=f"{panel}-{name}-{edge}", transform=ax.get_xaxis_transform(), clip_on=False,
                )  # fmt: skip
        _count(ax, [lines[name].x[mask] for name, mask in found.items()], y)


def _above(shown: Points, ax: Axes) -> np.ndarray:
    return shown.mean > ax.get_ylim()[1]


def _below(shown: Points, ax: Axes) -> np.ndarray:
    return shown.mean < ax.get_ylim()[0]


def _count(ax: Axes, marked: list[np.ndarray], y: float) -> None:
    """`2 off scale`, beside the arrowheads, on the side with more room."""
    x = np.concatenate(marked)
    (left, _), (right, _) = (ax.transLimits.transform(ax.transScale.transform((v, 1))) for v in (x.min(), x.max()))
    at, side, shift = (x.min(), "right", -4) if left > 1 - right else (x.max(), "left", 4)
    ax.annotate(
        f"{len(x)} off scale", (at, y), xycoords=ax.get_xaxis_transform(), fontsize=SMALL,
        textcoords="offset points", xytext=(shift, 0), ha=side, va="center", color="0.25",
    )  # fmt: skip


def tally_divergences(ax: Axes, lines: dict[str, Points], looks: dict[str, Look]) -> None:
    """`k/5` above the axis where k of 5 seeds diverged; a row for each line that has any."""
    having = [name for name, shown in lines.items() if shown.diverged.any()]
    for row, name in enumerate(reversed(having)):
        shown = lines[name]
        for x, n, k in zip(shown.x, shown.n, shown.diverged, strict=True):
            if k > 0:
                ax.annotate(
                    f"{k}/{n + k}", (x, 1), xycoords=ax.get_xaxis_transform(), fontsize=SMALL,
                    textcoords="offset points", xytext=(0, 2 + TALLY_ROW * row),
                    ha="center", va="bottom", color=looks[name].colour,
                )  # fmt: skip


def name_divergences(ax: Axes, lines: dict[str, Points], looks: dict[str, Look], at_top: bool) -> None:
    """`SGD: 1 of 5 seeds diverged`, inside a panel of curves."""
    having = [name for name, shown in lines.items() if shown.diverged.any()]
    for row, name in enumerate(having):
        k = lines[name].diverged.max()
        total = (lines[name].n + lines[name].diverged).max()
        y, shift, edge = (1, -2 - 8 * row, "top") if at_top else (0, 2 + 8 * row, "bottom")
        ax.annotate(
            f"{looks[name].label}: {k} of {total} seeds diverged", (1, y), xycoords="axes fraction",
            textcoords="offset points", xytext=(-2, shift), ha="right", va=edge,
            fontsize=SMALL + 0.5, color=looks[name].colour,
        )  # fmt: skip


def mark_optimum(ax: Axes, optimum: float | None, paper: float | None) -> None:
    """A line at the rate whose curves are shown; a triangle at the one that the paper states."""
    if optimum is not None:
        ax.axvline(optimum, color="0.55", linewidth=0.9, zorder=0.5, gid="optimum")
    if paper is not None:
        ax.plot(
            [paper], [0], "^", color="black", markersize=5, markerfacecolor="none",
            transform=ax.get_xaxis_transform(), clip_on=False, zorder=4, gid="paper-optimum",
        )  # fmt: skip
