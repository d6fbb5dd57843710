"""T1 to T9: the theory twin of each figure, on the axes of that figure."""

import time
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from largebatch.analysis.theory.planned import twin_name, twin_settings, twinned
from largebatch.analysis.theory.twin import METRIC, twin_table
from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import LR_LABEL, epoch_axis, rate_axis
from largebatch.figures.divergences import begin_row, write_inside
from largebatch.figures.face import extent, rate_label
from largebatch.figures.finals import lines_of, series_handles, shared_colours
from largebatch.figures.marks import draw_band, mark_optimum, moved, spacing
from largebatch.figures.paper import say_none
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.layout import (
    Plate,
    log_axes,
    name_panel,
    near_best,
    new_plate,
)
from largebatch.figures.points import Lines, Points, Rows, curves_at
from largebatch.figures.style import Looks, Options, looks
from largebatch.figures.sweep import optimum_handles
from largebatch.study import Study

MODEL = "noisy quadratic model: h(i) = 1/i, i = 1 to 10,000, noise covariance h/B, nothing fitted"
DECADES = 4
CROSS, ARROWHEAD = "× above a panel: it diverges", "arrowhead: the loss is beyond the axis"


def write_twins(study: Study, root: Path = Path(".")) -> dict[str, pa.Table]:
    """Write results/<study>/theory/T<k>.*; returns the twins' tables by figure."""
    tables = {}
    for figure in twinned(study):
        started, settings = time.time(), twin_settings(study, figure)
        tables[figure] = twin_table(settings)
        write_artefact(
            f"results/{study.name}/theory/{twin_name(figure)}",
            tables[figure],
            partial(twin_picture, settings=settings),
            root,
            steps=("twins", "twins"),
            settings=settings,
            started=started,
        )
    return tables


def twin_picture(table: pa.Table, settings: dict) -> Figure:
    """Draw a twin's table. settings: `planned.twin_settings`."""
    shown, sweeps = settings["figure"], settings["sweeps"]
    rows = table.to_pylist()
    styles = looks(row["optimizer"] for row in rows)
    optimum, grid, paper = curves_at(rows), sweeps[0]["effective_lrs"], shown["paper_optimum"]
    optima = optimum_handles("the twin's optimum {}", optimum, grid, paper)
    handles = [*series_handles(styles), *optima]
    momenta = shown["kind"] == "momenta"
    columns = len(sweeps) if momenta else 2
    title = f"Theory twin of: {shown['title']}"
    epochs = (sweep["epochs"] for sweep in sweeps)
    notes = [f"{MODEL} · {extent(sweeps, epochs)} · no data"]
    notes.append("; ".join([*_marks(rows, styles), *shared_colours(styles)]))
    plate = new_plate(title, notes, handles, columns=columns)
    if momenta:
        _draw_batches(plate, rows, styles, sweeps)
    else:
        _draw_sweep(plate, rows, styles, sweeps[0], optimum, paper)
    return plate.figure


def _marks(rows: Rows, styles: Looks) -> list[str]:
    """Explain the marks that the picture has."""
    finals = lines_of(rows, "sweep", METRIC, styles).values()
    curves = lines_of(rows, "curves", METRIC, styles, x="epoch").values()
    marks = {
        CROSS: any(line.diverged.any() for line in finals),
        ARROWHEAD: _beyond(list(finals)) or _beyond(list(curves)),
    }
    return [words for words, drawn in marks.items() if drawn]


def _beyond(lines: list[Points]) -> bool:
    """Whether a loss is above the axis of these lines; none is below it."""
    return any((line.mean > _limits(lines)[1]).any() for line in lines)


def _draw_sweep(
    plate: Plate,
    rows: Rows,
    styles: Looks,
    sweep: dict,
    optimum: float | None,
    paper: float | None,
) -> None:
    """Draw final loss against rate, and the loss during training at the optimum."""
    left, right = plate.panels
    rate_axis(left, sorted(sweep["effective_lrs"]), keep=optimum)
    _draw_finals(left, lines_of(rows, "sweep", METRIC, styles), styles, "sweep")
    mark_optimum(left, optimum, paper)
    if optimum is None:
        say_none(right, "no curves: every optimizer diverges at every rate")
        return
    curves = lines_of(rows, "curves", METRIC, styles, x="epoch")
    epoch_axis(right)
    _draw_lines(right, curves, styles, "curves", every=spacing(curves))
    for place, name in enumerate(n for n, line in curves.items() if line.diverged.any()):
        words = f"{styles[name].label} diverges"
        write_inside(right, words, styles[name].colour, place, at_top=True)
    right.set_xlabel(f"epoch, at effective learning rate {rate_label(optimum)}")
    right.set_ylabel("expected loss")


def _draw_batches(plate: Plate, rows: Rows, styles: Looks, sweeps: list[dict]) -> None:
    """Draw final loss against rate, one panel per batch, on the same axes."""
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    among = list(lines_of(rows, "sweep", METRIC, styles).values())
    for ax, sweep in zip(plate.panels, sweeps, strict=True):
        rate_axis(ax, grid)
        lines = lines_of(rows, "sweep", METRIC, styles, batch=sweep["batch"])
        _draw_finals(ax, lines, styles, f"b{sweep['batch']}", among)
        name_panel(ax, f"batch {sweep['batch']}")


def _draw_finals(
    ax: Axes, lines: Lines, styles: Looks, panel: str, among: list[Points] | None = None
) -> None:
    _draw_lines(ax, lines, styles, panel, among)
    having = [name for name, line in lines.items() if line.diverged.any()]
    for place, name in enumerate(having):
        up, broken = 3 + 5 * place, lines[name].where(lines[name].diverged > 0).x
        begin_row(ax, styles[name], up, gid=f"{panel}-{name}-row")
        where = ax.get_xaxis_transform() + moved(ax, up=up)
        style: Options = {"color": styles[name].colour, "ms": 3, "gid": f"{panel}-{name}-diverges"}
        ax.plot(broken, np.ones(len(broken)), "x", transform=where, clip_on=False, **style)
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel("final expected loss")


def _draw_lines(
    ax: Axes,
    lines: Lines,
    styles: Looks,
    panel: str,
    among: list[Points] | None = None,
    every: int = 1,
) -> None:
    """Draw the lines; the axis has the limits of `among` (default: the lines).

    every: the spacing of markers, in points.
    """
    ax.set_ylim(_limits(among or list(lines.values())))
    log_axes(ax, "y")
    for name, line in lines.items():
        draw_band(ax, line, styles[name], METRIC, f"{panel}-{name}", every)
    mark_off_scale(ax, lines, styles, panel, every)


def _limits(lines: list[Points]) -> tuple[float, float]:
    """Limits that show all losses within `DECADES` of the best.

    Unlike a network's, the losses of slow runs are exact, so they are not hidden by the rule of
    `limits`.
    """
    return near_best(np.concatenate([line.mean for line in lines]), 10**DECADES)
