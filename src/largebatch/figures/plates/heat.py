"""The map of final training metrics over learning rate and batch, one row per task."""

import pyarrow as pa
import pyarrow.compute as pc
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from largebatch.figures.axes import LR_LABEL, rate_axis
from largebatch.figures.face import metric_name
from largebatch.figures.paper import say_none
from largebatch.figures.plates.layout import OFF_SCALE, name_panel, new_plate, not_shown
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.style import Options, looks
from largebatch.study import Optimizer

TIMES = LogNorm(1, OFF_SCALE, clip=True)  # the scale of colours: how many times the task's best
COLOURS = colormaps["Blues_r"]
KEYS = {
    1: "the task's best",
    3: "3 times that",
    10: "10 times",
    OFF_SCALE: f"{OFF_SCALE} times or more",
}
SQUARE: Options = {"marker": "s", "ls": "none", "ms": 7.7, "mec": "0.5", "mew": 0.4}
DIVERGED: Options = {"marker": "x", "ls": "none", "ms": 4.5, "color": "#C2256F"}
LINES: dict[str, tuple[str, Options]] = {  # by quantity: what they are and how they look
    "temperature": ("ε / (1 − m) = T B, from SGD's optimum", {"color": "black"}),
    "limit": (
        "measured stability limit, if on the axis",
        {"color": "#D55E00", "ls": "--", "marker": "|", "ms": 13, "mew": 1.4},
    ),
}


def heat_picture(table: pa.Table, metrics: dict[str, list[str]], notice: str | None) -> Figure:
    """Draw a row per task: SGD and the smallest momentum over rate and batch.

    metrics: {task: [training metric, test metric]}, as in `maps_settings`.
    """
    finals = {task: rows_of(table, task=task, quantity=metric)
              for task, (metric, _) in metrics.items()}  # fmt: skip
    optimizers = {task: _by_momentum(rows) for task, rows in finals.items()}
    best = {task: _best(rows) for task, rows in finals.items()}
    plate = new_plate(
        "Final training metric over learning rate and batch",
        [
            *_named(best, metrics),
            *not_shown(_beyond(optimizers), "a row has room for the two smallest momenta"),
        ],
        _handles(table),
        rows=len(metrics),
        notice=notice,
    )
    for row, (task, (metric, _)) in zip(plate.axes, metrics.items(), strict=True):
        of_task, about = rows_of(table, task=task), f", {metric_name(metric)}"  # of the whole row
        for ax in row[len(optimizers[task]) :]:
            say_none(ax, "no run of another optimizer")
        for ax, name in zip(row, optimizers[task], strict=False):
            rate_axis(ax, sorted(distinct(finals[task], "effective_lr")))
            _draw_heat(ax, of_task, metric, name, best[task] or 1.0)
            name_panel(ax, f"{looks([name])[name].label} on {task}{about}")
            about = ""
    return plate.figure


def _best(rows: pa.Table) -> float | None:
    """The lowest mean, of any optimizer; None if every seed diverged."""
    return min(rows["mean"].drop_null().to_pylist(), default=None)


def _named(best: dict[str, float | None], metrics: dict[str, list[str]]) -> list[str]:
    """A note on the best of each task, since it is the best of a row and not of a panel."""
    found = [f"{metric_name(metrics[task][0])} {value:.3g} on {task}"
             for task, value in best.items() if value is not None]  # fmt: skip
    return [f"each task's best, over all its optimizers: {'; '.join(found)}"] if found else []


def _handles(table: pa.Table) -> list[Line2D]:
    """Keys of the colours, of divergence if there is any, and of the lines that are drawn."""
    keys = [(words, _square(times)) for times, words in KEYS.items()]
    if any(table["diverged"].to_pylist()):
        keys.append(("seeds diverged (on a square: some)", DIVERGED))
    keys += [LINES[quantity] for quantity in _lines_of(table)]
    return [Line2D([], [], label=words, **look) for words, look in keys]


def _square(times: float) -> Options:
    """The look of a mean that is so many times the task's best."""
    return SQUARE | {"mfc": COLOURS(TIMES(times))}


def _by_momentum(rows: pa.Table) -> list[str]:
    """The optimizers of the rows, SGD first."""
    return sorted(distinct(rows, "optimizer"), key=lambda name: Optimizer.parse(name).momentum)


def _beyond(optimizers: dict[str, list[str]]) -> list[str]:
    """Each task with those of its optimizers for which it has no panel."""
    labels = {task: [look.label for look in looks(names[2:]).values()]
              for task, names in optimizers.items()}  # fmt: skip
    return [f"{task} with {', '.join(found)}" for task, found in labels.items() if found]


def _draw_heat(ax: Axes, rows: pa.Table, metric: str, optimizer: str, best: float) -> None:
    shown = rows_of(rows, quantity=metric, optimizer=optimizer)
    for row in shown.filter(pc.field("mean").is_valid()).to_pylist():
        ax.plot(row["effective_lr"], row["batch"], gid="mean", **_square(row["mean"] / best))
    broken = shown.filter(pc.field("diverged") > 0)
    for look in (DIVERGED | {"color": "white", "ms": 5, "mew": 2}, DIVERGED):
        ax.plot(broken["effective_lr"], broken["batch"], gid="diverged", **look)
    for quantity in _lines_of(rows):
        which = {} if quantity == "temperature" else {"optimizer": optimizer}  # common to all
        line = rows_of(rows, quantity=quantity, **which).sort_by("batch")
        ax.plot(line["effective_lr"], line["batch"], gid=quantity, **LINES[quantity][1])
    batches = sorted(distinct(shown, "batch"))
    ax.set_yscale("log", base=2)
    ax.set_yticks(batches, [str(batch) for batch in batches])
    ax.set_ylim(batches[0] / 2, batches[-1] * 2)
    ax.minorticks_off()
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel("batch B")


def _lines_of(table: pa.Table) -> list[str]:
    return [quantity for quantity in LINES if quantity in distinct(table, "quantity")]
