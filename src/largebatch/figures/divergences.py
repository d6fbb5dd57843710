"""How many seeds diverged, where they are missing from a mean."""

from matplotlib.axes import Axes

from largebatch.figures.marks import moved
from largebatch.figures.points import Lines
from largebatch.figures.sheet import TALLY_ROW
from largebatch.figures.style import Look, Looks, Options

SIZE = 5.5  # points


def tally_divergences(ax: Axes, lines: Lines, looks: Looks) -> int:
    """Write `k/5` above the axis where k of 5 seeds diverged; a row for each line that has any.

    Returns the number of rows.
    """
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(reversed(having)):
        some, up = lines[name].where(lines[name].diverged > 0), 2 + TALLY_ROW * row
        begin_row(ax, looks[name], up + 0.4 * SIZE, gid=f"tally:{name}")
        for x, n, k in zip(some.x, some.n, some.diverged, strict=True):
            ax.annotate(
                f"{k}/{n + k}", (x, 1), xycoords=ax.get_xaxis_transform(), fontsize=SIZE,
                textcoords="offset points", xytext=(0, up), ha="center", va="bottom",
                color=looks[name].colour,
            )  # fmt: skip
    return len(having)


def begin_row(ax: Axes, look: Look, up: float, gid: str) -> None:
    """Draw a line's marker before a row of marks, `up` points above a panel.

    Colour alone may not tell the rows apart.
    """
    where = ax.transAxes + moved(ax, right=-5, up=up)
    style: Options = {"color": look.colour, "markersize": 0.6 * look.size, "clip_on": False}
    ax.plot(0, 1, look.marker, transform=where, gid=gid, **style)


def name_divergences(ax: Axes, lines: Lines, looks: Looks, at_top: bool) -> None:
    """Write `SGD: 1 of 5 seeds diverged` inside a panel of curves."""
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(having):
        diverged, total = lines[name].diverged.max(), (lines[name].n + lines[name].diverged).max()
        words = f"{looks[name].label}: {diverged} of {total} seeds diverged"
        write_inside(ax, words, looks[name].colour, row, at_top)


def write_inside(ax: Axes, words: str, colour: str, row: int, at_top: bool) -> None:
    """Write a line in a right-hand corner of a panel; rows count from the corner."""
    y, shift, edge = (1, -2 - 8 * row, "top") if at_top else (0, 2 + 8 * row, "bottom")
    ax.annotate(
        words, (1, y), xycoords="axes fraction", textcoords="offset points", xytext=(-2, shift),
        ha="right", va=edge, fontsize=SIZE + 0.5, color=colour,
    )  # fmt: skip
