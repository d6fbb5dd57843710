"""Pictures of the maps, and all of them written in one go."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.grid import read_grids
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings
from largebatch.analysis.maps.reach import reach_table
from largebatch.analysis.measure.files import read_measured
from largebatch.analysis.metrics import is_accuracy
from largebatch.errors import UserError
from largebatch.figures.axes import LR_LABEL
from largebatch.figures.captions import metric_name
from largebatch.figures.face import unfinished_notice
from largebatch.figures.finals import series_handles
from largebatch.figures.plates.artefact import Origin, write_artefact
from largebatch.figures.plates.layout import batch_axis, log_axes, name_panel, new_plate
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.style import Looks, looks
from largebatch.study import Optimizer, Study

SHOWN = 30  # times the best: where the colours of the heat map end
LINES = {  # of the heat map, by quantity: what they are and how they look
    "temperature": ("ε / (1 − m) = T B, from SGD's optimum", {"color": "black"}),
    "limit": ("measured stability limit", {"color": "#D55E00", "ls": "--", "marker": "|"}),
}


def write_maps(study: Study, root: Path = Path(".")) -> dict[str, pa.Table]:
    """Write results/<study>/maps/{gap,heat,reach}.*; UserError if no run is stored."""
    started = time.time()
    tables, inputs = map_tables(study, root)
    settings = maps_settings(study, root)
    origin = Origin(("maps", "maps"), settings, started, inputs)
    for name, table in tables.items():
        drawn = map_picture(name, settings)
        write_artefact(f"results/{study.name}/maps/{name}", table, drawn, origin, root)
    return tables


def map_tables(study: Study, root: Path) -> tuple[dict[str, pa.Table], list[dict]]:
    """The tables by name, and what they are made from, as records name it."""
    grids, runs = read_grids(study, root)
    if not grids:
        raise UserError(
            f"results/{study.name}/runs: no run is there; train some with "
            f"`snakemake runs --config study={study.name}`."
        )
    measured = read_measured(study, root).values()
    tables = {
        "gap": gap_table(grids),
        "heat": heat_table(grids, [m.table for m in measured]),
        "reach": reach_table(grids),
    }
    return tables, runs + [m.as_input for m in measured]


def map_picture(name: str, settings: dict) -> Callable[[pa.Table], Figure]:
    """What draws the table of a map; settings: `maps_settings`."""
    words = filter(None, (settings["notice"], unfinished_notice(settings["runs"])))
    return partial(PICTURES[name], notice=" · ".join(words) or None)


def gap_picture(table: pa.Table, notice: str | None) -> Figure:
    """A row a task: what momentum gains, in training and in testing."""
    tasks = distinct(table, "task")
    styles = looks(_of_all_tasks(table, tasks))
    plate = new_plate(
        "What momentum gains over SGD, each at its own optimum",
        [
            "above 0 momentum is better; mean ± standard deviation over paired seeds; "
            "momenta that every task has"
            if tasks
            else "at no batch do both have a rate at which no seed diverges"
        ],
        series_handles(styles),
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = rows_of(table, task=task)
        for ax, metric in zip(row, distinct(of_task, "metric"), strict=False):
            _draw_lines(ax, rows_of(of_task, metric=metric), styles)
            ax.axhline(0, color="0.35", linewidth=0.8)
            name_panel(ax, f"{task}, {metric_name(metric)}")
            if is_accuracy(metric):
                ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
            ax.set_ylabel("gain (% points)" if is_accuracy(metric) else "gain")
    return plate.figure


def reach_picture(table: pa.Table, notice: str | None) -> Figure:
    """A row a task: updates and seconds to the target."""
    tasks = distinct(table, "task")
    styles = looks(_of_all_tasks(table, tasks))
    plate = new_plate(
        "Updates and seconds to the training loss that every batch reaches",
        [
            "mean ± standard deviation over seeds, at the fastest rate; no point: no rate brings "
            "every seed there; seconds of shared packs; momenta that every task has"
            if tasks
            else "there is none: at some batch seeds diverge at every rate"
        ],
        series_handles(styles),
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = rows_of(table, task=task)
        target = f"{metric_name(of_task['metric'][0].as_py())} {of_task['target'][0].as_py():.3g}"
        for ax, unit in zip(row, ("steps", "seconds"), strict=True):
            _draw_lines(ax, rows_of(of_task, unit=unit), styles)
            log_axes(ax, "y")
            name_panel(ax, f"{task}, to {target}")
            ax.set_ylabel("updates" if unit == "steps" else unit)
    return plate.figure


def heat_picture(table: pa.Table, notice: str | None) -> Figure:
    """A row a task: SGD and the first momentum over rate and batch."""
    tasks = distinct(table, "task")
    handles = [Line2D([], [], label=LINES[q][0], **LINES[q][1]) for q in _lines_of(table)]
    plate = new_plate(
        "Final training metric over learning rate and batch",
        [
            f"dark is good: from the task's best to {SHOWN} times as much and beyond; "
            "×: every seed diverged; × on a square: some did"
        ],
        handles,
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = rows_of(table, task=task)
        metric = of_task["quantity"][0].as_py()
        values = rows_of(of_task, quantity=metric)["mean"].drop_null().to_pylist()
        best = min(values, default=1.0)  # any, where every seed diverged
        about = f"{task}, {metric_name(metric)}{f', best {best:.3g}' if values else ''}: "
        named = [n for n in distinct(of_task, "optimizer") if n is not None]
        for ax, name in zip(row, sorted(named, key=_momentum)[:2], strict=False):
            _draw_heat(ax, of_task, metric, name, best)
            name_panel(ax, about + looks([name])[name].label)
            about = ""
    return plate.figure


def _draw_heat(ax: Axes, rows: pa.Table, metric: str, optimizer: str, best: float) -> None:
    shown = rows_of(rows, quantity=metric, optimizer=optimizer)
    finite = shown.filter(pc.field("mean").is_valid())
    place = finite["effective_lr"].to_numpy(), finite["batch"].to_numpy()
    ax.scatter(*place, c=finite["mean"].to_numpy(), norm=LogNorm(best, SHOWN * best, clip=True),
               cmap="Blues_r", marker="s", s=60, edgecolors="0.5", linewidths=0.4)  # fmt: skip
    broken = shown.filter(pc.field("diverged") > 0)
    for style in ({"color": "white", "ms": 5, "mew": 2}, {"color": "#C2256F", "ms": 4.5}):
        ax.plot(broken["effective_lr"], broken["batch"], "x", gid="diverged", **style)
    for quantity in _lines_of(rows):
        which = {} if quantity == "temperature" else {"optimizer": optimizer}  # it is of all
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


PICTURES = {"gap": gap_picture, "heat": heat_picture, "reach": reach_picture}


def _draw_lines(ax: Axes, rows: pa.Table, styles: Looks) -> None:
    """Means against batch, with bars."""
    for name, look in styles.items():
        line = rows_of(rows, optimizer=name).sort_by("batch")
        spread = np.nan_to_num(line["std"].to_numpy())
        ax.errorbar(line["batch"], line["mean"], yerr=spread, elinewidth=0.8, **look.drawn())
    batch_axis(ax, sorted(distinct(rows, "batch")))


def _momentum(optimizer: str) -> float:
    return Optimizer.parse(optimizer).momentum


def _of_all_tasks(table: pa.Table, tasks: list[str]) -> list[str]:
    """The optimizers that every task has a row of."""
    having = [distinct(rows_of(table, task=task), "optimizer") for task in tasks]
    return [name for name in distinct(table, "optimizer") if all(name in h for h in having)]
