"""The map of final training metrics over learning rate and batch, one row per task."""

import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from largebatch.figures.axes import LR_LABEL
from largebatch.figures.face import metric_name
from largebatch.figures.paper import say_none
from largebatch.figures.plates.layout import OFF_SCALE, log_axes, name_panel, new_plate, not_shown
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.style import looks
from largebatch.study import Optimizer

LINES = {  # of the heat map, by quantity: what they are and how they look
    "temperature": ("ε / (1 − m) = T B, from SGD's optimum", {"color": "black"}),
    "limit": ("measured stability limit", {"color": "#D55E00", "ls": "--", "marker": "|"}),
}


def heat_picture(table: pa.Table, metrics: dict[str, list[str]], notice: str | None) -> Figure:
    """Draw a row per task: SGD and the smallest momentum over rate and batch.

    metrics: {task: [training metric, test metric]}, as in `maps_settings`.
    """
    handles = [Line2D([], [], label=LINES[q][0], **LINES[q][1]) for q in _lines_of(table)]
    optimizers = {task: _by_momentum(rows_of(table, task=task, quantity=metric))
                  for task, (metric, _) in metrics.items()}  # fmt: skip
    plate = new_plate(
        "Final training metric over learning rate and batch",
        [
            f"dark is good: colours run from the task's best value to {OFF_SCALE} times as much, "
            "and what is beyond looks the same; ×: every seed diverged; × on a square: some",
            *not_shown(_beyond(optimizers), "a row has room for the two smallest momenta"),
        ],
        handles,
        rows=len(metrics),
        notice=notice,
    )
    for row, (task, (metric, _)) in zip(plate.axes, metrics.items(), strict=True):
        of_task = rows_of(table, task=task)
        values = rows_of(of_task, quantity=metric)["mean"].drop_null().to_pylist()
        best = min(values, default=1.0)  # any value, if every seed diverged
        about = f"{task}, {metric_name(metric)}{f', best {best:.3g}' if values else ''}: "
        for ax in row[len(optimizers[task]) :]:
            say_none(ax, "no run of another optimizer")
        for ax, name in zip(row, optimizers[task], strict=False):
            _draw_heat(ax, of_task, metric, name, best)
            name_panel(ax, about + looks([name])[name].label)
            about = ""
    return plate.figure


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
    finite = shown.filter(pc.field("mean").is_valid())
    place = finite["effective_lr"].to_numpy(), finite["batch"].to_numpy()
    ax.scatter(*place, c=finite["mean"].to_numpy(), norm=LogNorm(best, OFF_SCALE * best, clip=True),
               cmap="Blues_r", marker="s", s=60, edgecolors="0.5", linewidths=0.4)  # fmt: skip
    broken = shown.filter(pc.field("diverged") > 0)
    for style in ({"color": "white", "ms": 5, "mew": 2}, {"color": "#C2256F", "ms": 4.5}):
        ax.plot(broken["effective_lr"], broken["batch"], "x", gid="diverged", **style)
    for quantity in _lines_of(rows):
        which = {} if quantity == "temperature" else {"optimizer": optimizer}  # common to all
        line = rows_of(rows, quantity=quantity, **which).sort_by("batch")
        ax.plot(line["effective_lr"], line["batch"], gid=quantity, **LINES[quantity][1])
    log_axes(ax, "x")
    batches = sorted(distinct(shown, "batch"))
    ax.set_yscale("log", base=2)
    ax.set_yticks(batches, [str(batch) for batch in batches])
    ax.set_ylim(batches[0] / 2, batches[-1] * 2)
    ax.minorticks_off()
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel("batch B")


def _lines_of(table: pa.Table) -> list[str]:
    return [quantity for quantity in LINES if quantity in distinct(table, "quantity")]
