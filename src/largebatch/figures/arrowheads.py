"""Arrowheads at the edge of a panel, for means that lie beyond its axis."""

import numpy as np
from matplotlib.axes import Axes

from largebatch.figures.marks import draw_markers, moved
from largebatch.figures.points import Lines
from largebatch.figures.style import Looks

EDGES = {"bottom": (0.03, "v"), "top": (0.97, "^")}  # height in the panel, arrowhead
APART = 3.2  # points between arrowheads at one place


def mark_off_scale(ax: Axes, lines: Lines, looks: Looks, panel: str, every: int = 1) -> bool:
    """Draw an arrowhead at the edge where a mean is beyond the axis; True if there is any.

    every: along curves, of so many points a line has one arrowhead (see `spacing`).
    """
    low, high = ax.get_ylim()
    beyond = {"bottom": lambda mean: mean < low, "top": lambda mean: mean > high}
    grid, marked = np.unique([x for line in lines.values() for x in line.x]), False
    for edge, (y, tip) in EDGES.items():
        found = {name: line.where(beyond[edge](line.mean)).x for name, line in lines.items()}
        for (name, shift), x in _side_by_side(found, grid, every).items():
            where = ax.get_xaxis_transform() + moved(ax, right=shift)
            draw_markers(
                ax, x, np.full(len(x), y), looks[name], gid=f"{panel}:{name}:{shift:+.1f}:{edge}",
                marker=tip, markersize=3.5, transform=where, clip_on=False,
            )  # fmt: skip
            marked = True
    return marked


def _side_by_side(
    found: dict[str, np.ndarray], grid: np.ndarray, every: int
) -> dict[tuple[str, float], list[float]]:
    """{(line, shift in points): places}: the arrowheads, so that none hides another.

    Each line keeps the first of its places in every `every` points of the grid, and the lines share
    the room around them.
    """
    blocks: dict[int, dict[str, float]] = {}
    for name, places in found.items():
        for block, x in zip(np.searchsorted(grid, places) // every, places, strict=True):
            blocks.setdefault(block, {}).setdefault(name, x)
    shifted: dict[tuple[str, float], list[float]] = {}
    for block in blocks.values():
        for place, (name, x) in enumerate(block.items()):
            shifted.setdefault((name, APART * (place - (len(block) - 1) / 2)), []).append(x)
    return shifted
