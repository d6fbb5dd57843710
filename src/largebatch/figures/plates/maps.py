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

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.grid import read_grids
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings
from largebatch.analysis.maps.reach import reach_table
from largebatch.analysis.measure.files import read_measured
from largebatch.errors import UserError
from largebatch.figures.axes import LR_LABEL
from largebatch.figures.face import unfinished_notice
from largebatch.figures.finals import series_handles
from largebatch.figures.plates.artefact import Origin, write_artefact
from largebatch.figures.plates.layout import batch_axis, log_axes, name_panel, new_plate
from largebatch.figures.style import looks
from largebatch.study import Optimizer, Study

SHOWN = 30  # times the best: where the colours of the heat map end


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
    """A row a task: SGD's metric less momentum's, of training and of testing."""
    tasks = _distinct(table, "task")
    styles = looks(_of_all_tasks(table, tasks))
    plate = new_plate(
        "SGD less momentum, each at its own optimum",
        [
            "mean ± standard deviation over paired seeds; above 0 momentum has the smaller value; "
            "momenta that every task has"
        ],
        series_handles(styles),
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = _of(table, task=task)
        for ax, metric in zip(row, _distinct(of_task, "metric"), strict=False):
            for name, look in styles.items():
                line = _of(of_task, metric=metric, optimizer=name)
                _line(ax, line, look)
            ax.axhline(0, color="0.35", linewidth=0.8)
            batch_axis(ax, sorted(_distinct(of_task, "batch")))
            name_panel(ax, f"{task}, {metric.replace('_', ' ')}")
            ax.set_ylabel("difference")
    return plate.figure


def reach_picture(table: pa.Table, notice: str | None) -> Figure:
    """A row a task: updates and seconds to the target."""
    tasks = _distinct(table, "task")
    styles = looks(_of_all_tasks(table, tasks))
    plate = new_plate(
        "To the training loss that every batch reaches",
        ["mean ± standard deviation over seeds, at the fastest rate; seconds of shared packs"],
        series_handles(styles),
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = _of(table, task=task)
        words = f"{of_task['metric'][0]} {of_task['target'][0].as_py():.3g}".replace("_", " ")
        for ax, unit in zip(row, ("steps", "seconds"), strict=True):
            for name, look in styles.items():
                _line(ax, _of(of_task, unit=unit, optimizer=name), look)
            batch_axis(ax, sorted(_distinct(of_task, "batch")))
            ax.set_yscale("log", base=10)
            log_axes(ax, "y")
            name_panel(ax, f"{task}, {words}")
            ax.set_ylabel(f"{'updates' if unit == 'steps' else unit} to it")
    return plate.figure


def heat_picture(table: pa.Table, notice: str | None) -> Figure:
    """A row a task: SGD and the first momentum over rate and batch."""
    tasks = _distinct(table, "task")
    lines = [
        Line2D([], [], color="black", label="ε / (1 − m) = T B, from SGD's optimum"),
        Line2D([], [], color="#D55E00", ls="--", label="measured stability limit"),
    ]
    plate = new_plate(
        "Final training metric over learning rate and batch",
        ["dark is good, up to 30 times the task's best; × every seed diverged"],
        lines,
        rows=len(tasks),
        notice=notice,
    )
    for row, task in zip(plate.axes, tasks, strict=True):
        of_task = _of(table, task=task)
        named = [n for n in _distinct(of_task, "optimizer") if n is not None]
        for ax, name in zip(row, sorted(named, key=_momentum)[:2], strict=False):
            _draw_heat(ax, of_task, name)
            name_panel(ax, f"{task}, {name}")
    return plate.figure


def _draw_heat(ax: Axes, rows: pa.Table, optimizer: str) -> None:
    metric = rows["quantity"][0].as_py()
    values = _of(rows, quantity=metric)["mean"].drop_null().to_pylist()
    best = min(values, default=1.0)  # any, where every seed diverged
    norm = LogNorm(best, SHOWN * best, clip=True)
    shown = _of(rows, quantity=metric, optimizer=optimizer)
    finite = shown.filter(pc.field("mean").is_valid())
    place = finite["effective_lr"].to_numpy(), finite["batch"].to_numpy()
    ax.scatter(*place, c=finite["mean"].to_numpy(), norm=norm, cmap="Blues_r", marker="s", s=60,
               edgecolors="0.5", linewidths=0.4)  # fmt: skip
    broken = shown.filter(pc.field("mean").is_null())
    ax.plot(broken["effective_lr"], broken["batch"], "x", color="0.4", ms=4)
    line = _of(rows, quantity="temperature")
    ax.plot(line["effective_lr"], line["batch"], color="black", gid="temperature")
    limit = _of(rows, quantity="limit", optimizer=optimizer).sort_by("batch")
    ax.plot(limit["effective_lr"], limit["batch"], "--", marker="|", color="#D55E00", gid="limit")
    log_axes(ax, "x")
    ax.set_yscale("log", base=2)
    batches = sorted(set(shown["batch"].to_pylist()))
    ax.set_yticks(batches, [str(batch) for batch in batches])
    ax.set_ylim(batches[0] / 2, batches[-1] * 2)
    ax.minorticks_off()
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel("batch B")


PICTURES = {"gap": gap_picture, "heat": heat_picture, "reach": reach_picture}


def _line(ax: Axes, rows: pa.Table, look) -> None:
    rows = rows.sort_by("batch")
    style = {"color": look.colour, "ls": look.line, "marker": look.marker, "ms": look.size}
    spread = np.nan_to_num(rows["std"].to_numpy())
    ax.errorbar(rows["batch"], rows["mean"], yerr=spread, elinewidth=0.8, **style)


def _momentum(optimizer: str) -> float:
    return Optimizer.parse(optimizer).momentum


def _of_all_tasks(table: pa.Table, tasks: list[str]) -> list[str]:
    """The optimizers that every task has a row of."""
    having = [set(_distinct(_of(table, task=task), "optimizer")) for task in tasks]
    return [name for name in _distinct(table, "optimizer") if all(name in h for h in having)]


def _distinct(table: pa.Table, column: str) -> list:
    return list(dict.fromkeys(table[column].to_pylist()))


def _of(table: pa.Table, **which: object) -> pa.Table:
    for column, value in which.items():
        table = table.filter(pc.field(column) == value)
    return table
