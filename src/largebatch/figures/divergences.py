"""How many seeds diverged, where they are missing from a mean; of a theory twin, that it does."""

from matplotlib.axes import Axes

from largebatch.analysis.metrics import is_accuracy, is_expected
from largebatch.figures.marks import moved
from largebatch.figures.points import Lines
from largebatch.figures.sheet import TALLY_ROW
from largebatch.figures.style import Looks, Options

SIZE = 5.5  # points


def tally_divergences(ax: Axes, lines: Lines, looks: Looks, metric: str) -> int:
    """Write `k/5` above the axis where k of 5 seeds diverged; a row for each line that has any.

    A row begins with its line's marker: colour alone may not tell the rows apart. Returns the
    number of rows.
    """
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(reversed(having)):
        look, some, up = looks[name], lines[name].where(lines[name].diverged > 0), TALLY_ROW * row
        where = ax.transAxes + moved(ax, right=-5, up=2 + up + 0.4 * SIZE)
        style: Options = {"color": look.colour, "markersize": 0.6 * look.size, "clip_on": False}
        ax.plot(0, 1, look.marker, transform=where, gid=f"tally:{name}", **style)
        for x, n, k in zip(some.x, some.n, some.diverged, strict=True):
            ax.annotate(
                "×" if is_expected(metric) else f"{k}/{n + k}", (x, 1), fontsize=SIZE,
                xycoords=ax.get_xaxis_transform(), textcoords="offset points", xytext=(0, 2 + up),
                ha="center", va="bottom", color=look.colour,
            )  # fmt: skip
    return len(having)


def name_divergences(ax: Axes, lines: Lines, looks: Looks, metric: str) -> None:
    """Write `SGD: 1 of 5 seeds diverged` inside a panel of curves, where good curves are not."""
    y, up, edge = (0, 1, "bottom") if is_accuracy(metric) else (1, -1, "top")
    having = [name for name, line in lines.items() if line.diverged.any()]
    for row, name in enumerate(having):
        diverged, total = lines[name].diverged.max(), (lines[name].n + lines[name].diverged).max()
        what = " diverges" if is_expected(metric) else f": {diverged} of {total} seeds diverged"
        ax.annotate(
            looks[name].label + what, (1, y), xycoords="axes fraction", ha="right", va=edge,
            textcoords="offset points", xytext=(-2, up * (2 + 8 * row)), fontsize=SIZE + 0.5,
            color=looks[name].colour,
        )  # fmt: skip
