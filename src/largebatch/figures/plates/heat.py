"""The map of final training metrics over learning rate and batch, one row per task."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from largebatch.figures.axes import LR_LABEL, rate_axis
from largebatch.figures.face import metric_name
from largebatch.figures.paper import legend_keys, say_none
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.sheet import new_sheet
from largebatch.figures.style import Options, looks
from largebatch.study import Optimizer

COLOURS = colormaps["Blues_r"]
KEYS = 4  # of the scale of colours
SCALE = 1.1, 30  # times the best: no shorter, or all colours would mean the same; no longer
SQUARE: Options = {"marker": "s", "ls": "none", "ms": 7.7, "mec": "0.5", "mew": 0.4}
DIVERGED: Options = {"marker": "x", "ls": "none", "ms": 4.5, "color": "#C2256F"}
LINES: dict[str, tuple[str, Options]] = {  # by quantity: what they are and how they look
    "temperature": ("ε / (1 − m) = T B, from SGD's optimum", {"color": "black"}),
    "limit": (
        "measured stability limit, if on the axis",
        {"color": "black", "ls": "--", "marker": "|", "ms": 13, "mew": 1.4},
    ),
}


def heat_picture(table: pa.Table, metrics: dict[str, dict[str, str]], notice: str | None) -> Figure:
    """Draw a row per task: SGD and the smallest momentum over rate and batch.

    metrics: as in `maps_settings`.
    """
    training = {task: next(iter(shown)) for task, shown in metrics.items()}
    finals = {task: rows_of(table, task=task, quantity=metric) for task, metric in training.items()}
    optimizers = {task: _by_momentum(rows) for task, rows in finals.items()}
    best = {task: _best(rows) for task, rows in finals.items()}
    scale = _scale(finals, best)
    title = "Final training metric over learning rate and batch"
    facts = _named(best, training)
    sheet = new_sheet(len(metrics), 2, title=title, notice=notice, facts=facts)
    sheet.leave_out(_beyond(optimizers), "a row has room for the two smallest momenta")
    for row, (task, metric) in zip(sheet.axes, training.items(), strict=True):
        of_task, about = rows_of(table, task=task), f", {metric_name(metric)}"  # of the whole row
        for ax in row[len(optimizers[task]) :]:
            say_none(ax, "no run of another optimizer")
        for ax, name in zip(row, optimizers[task], strict=False):
            rate_axis(ax, sorted(distinct(finals[task], "effective_lr")))
            shown = rows_of(of_task, quantity=metric, optimizer=name)
            _draw_means(ax, shown, best[task] or 1.0, scale)
            _draw_bounds(ax, of_task, name)
            _batch_axis(ax, distinct(shown, "batch"))
            ax.set_title(f"{looks([name])[name].label} on {task}{about}")
            about = ""
    return sheet.finish(_handles(table, scale))


def _scale(finals: dict[str, pa.Table], best: dict[str, float | None]) -> LogNorm:
    """The scale of colours: how many times its task's best a mean is, as far as that goes."""
    times = [mean / (best[task] or 1.0) for task, rows in finals.items()
             for mean in rows["mean"].drop_null().to_pylist()]  # fmt: skip
    return LogNorm(1, np.clip(max(times, default=1), *SCALE), clip=True)


def _best(rows: pa.Table) -> float | None:
    """The lowest mean, of any optimizer; None if every seed diverged."""
    return min(rows["mean"].drop_null().to_pylist(), default=None)


def _named(best: dict[str, float | None], training: dict[str, str]) -> str:
    """A note on the best of each task, since it is the best of a row and not of a panel."""
    found = [f"{metric_name(training[task])} {value:.3g} on {task}"
             for task, value in best.items() if value is not None]  # fmt: skip
    return f"each task's best, over all its optimizers: {'; '.join(found)}" if found else ""


def _handles(table: pa.Table, scale: LogNorm) -> list[Artist]:
    """Keys of the colours, of divergence if there is any, and of the lines that are drawn."""
    times = scale.inverse(np.linspace(0, 1, KEYS))
    words = ["the task's best", *(f"{each:.2g} times that" for each in times[1:])]
    if scale.vmax == SCALE[1]:
        words[-1] = f"{SCALE[1]} times or more"
    keys = [(said, _square(each, scale)) for said, each in zip(words, times, strict=True)]
    if any(table["diverged"].to_pylist()):
        keys.append(("seeds diverged (on a square: some)", DIVERGED))
    keys += [LINES[quantity] for quantity in _lines_of(table)]
    return legend_keys(keys)


def _square(times: float, scale: LogNorm) -> Options:
    """The look of a mean that is so many times the task's best."""
    return SQUARE | {"mfc": COLOURS(scale(times))}


def _by_momentum(rows: pa.Table) -> list[str]:
    """The optimizers of the rows, SGD first."""
    return sorted(distinct(rows, "optimizer"), key=lambda name: Optimizer.parse(name).momentum)


def _beyond(optimizers: dict[str, list[str]]) -> list[str]:
    """Each task with those of its optimizers for which it has no panel."""
    labels = {task: [look.label for look in looks(names[2:]).values()]
              for task, names in optimizers.items()}  # fmt: skip
    return [f"{task} with {', '.join(found)}" for task, found in labels.items() if found]


def _draw_means(ax: Axes, shown: pa.Table, best: float, scale: LogNorm) -> None:
    for row in shown.filter(pc.field("mean").is_valid()).to_pylist():
        look = _square(row["mean"] / best, scale)
        ax.plot(row["effective_lr"], row["batch"], gid="mean", **look)
    broken = shown.filter(pc.field("diverged") > 0)
    for look in (DIVERGED | {"color": "white", "ms": 5, "mew": 2}, DIVERGED):
        ax.plot(broken["effective_lr"], broken["batch"], gid="diverged", **look)


def _draw_bounds(ax: Axes, rows: pa.Table, optimizer: str) -> None:
    for quantity in _lines_of(rows):
        which = {} if quantity == "temperature" else {"optimizer": optimizer}  # common to all
        line = rows_of(rows, quantity=quantity, **which).sort_by("batch")
        ax.plot(line["effective_lr"], line["batch"], gid=quantity, **LINES[quantity][1])


def _batch_axis(ax: Axes, batches: list[int]) -> None:
    ax.set_yscale("log", base=2)
    ax.set_yticks(sorted(batches), [str(batch) for batch in sorted(batches)])
    ax.set_ylim(min(batches) / 2, max(batches) * 2)
    ax.minorticks_off()
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel("batch B")


def _lines_of(table: pa.Table) -> list[str]:
    return [quantity for quantity in LINES if quantity in distinct(table, "quantity")]
