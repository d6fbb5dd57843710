"""T1 to T9: the theory twin on the axes of the figure that it is the twin of."""

import time
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from largebatch.analysis.theory.planned import twin_name, twin_settings, twinned
from largebatch.analysis.theory.study_twins import study_twin
from largebatch.figures.axes import LR_LABEL, rate_axis, rate_label
from largebatch.figures.finals import lines_of, series_handles
from largebatch.figures.marks import mark_off_scale, mark_optimum
from largebatch.figures.plates.artefact import Origin, write_artefact
from largebatch.figures.plates.layout import Plate, log_axes, name_panel, new_plate
from largebatch.figures.points import Lines, Rows, points
from largebatch.figures.style import Looks, looks
from largebatch.figures.sweep import optimum_handles
from largebatch.study import Study

METRIC = "train_loss"
MODEL = "noisy quadratic model: h(i) = 1/i, i = 1 to 10,000, noise covariance h/B, nothing fitted"
DECADES = 4
MARKS = "× above a panel: diverges; arrowheads: off scale"


def write_twins(study: Study, root: Path = Path(".")) -> dict[str, pa.Table]:
    """Write results/<study>/theory/T<k>.*; returns the twins' tables by figure."""
    tables = {}
    for figure in twinned(study):
        origin = Origin(("twins", "twins"), twin_settings(study, figure), time.time())
        tables[figure] = study_twin(study, figure)
        name = f"results/{study.name}/theory/{twin_name(figure)}"
        picture = partial(twin_picture, settings=origin.settings)
        write_artefact(name, tables[figure], picture, origin, root)
    return tables


def twin_picture(table: pa.Table, settings: dict) -> Figure:
    """The figure of a twin's table. settings: `Study.figure_settings` of the figure beside it."""
    shown, sweeps = settings["figure"], settings["sweeps"]
    rows = table.to_pylist()
    styles = looks(list(dict.fromkeys(row["optimizer"] for row in rows)))
    curves = points(rows, panel="curves")
    optimum = float(curves.x[0]) if len(curves.x) else None
    words = f"the twin's optimum {rate_label(optimum)}" if optimum is not None else ""
    handles = [*series_handles(styles), *optimum_handles(words, optimum, shown["paper_optimum"])]
    momenta = shown["kind"] == "momenta"
    columns = len(sweeps) if momenta else 2
    title = f"Theory twin of: {shown['title']}"
    plate = new_plate(title, _notes(settings), handles, columns=columns)
    if momenta:
        _draw_batches(plate, rows, styles, sweeps)
    else:
        _draw_sweep(plate, rows, styles, sweeps[0], (optimum, shown["paper_optimum"]))
    return plate.figure


def _draw_sweep(
    plate: Plate, rows: Rows, styles: Looks, sweep: dict, optima: tuple[float, float | None]
) -> None:
    """Final loss against rate, and the loss in training at the optimum."""
    left, right = plate.panels
    rate_axis(left, sorted(sweep["effective_lrs"]), plate.panel_width, keep=optima[0])
    _draw_lines(left, lines_of(rows, "sweep", METRIC, styles), styles, "sweep")
    mark_optimum(left, *optima)
    left.set_xlabel(LR_LABEL)
    left.set_ylabel("final expected loss")
    right.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    curves = lines_of(rows, "curves", METRIC, styles, x="epoch")
    _draw_lines(right, curves, styles, "curves")
    right.set_xlabel(f"epoch, at effective learning rate {rate_label(optima[0])}")
    right.set_ylabel("expected loss")


def _draw_batches(plate: Plate, rows: Rows, styles: Looks, sweeps: list[dict]) -> None:
    """Final loss against rate, a panel a batch."""
    grid = sorted({lr for sweep in sweeps for lr in sweep["effective_lrs"]})
    for ax, sweep in zip(plate.panels, sweeps, strict=True):
        rate_axis(ax, grid, plate.panel_width)
        lines = lines_of(rows, "sweep", METRIC, styles, batch=sweep["batch"])
        _draw_lines(ax, lines, styles, f"b{sweep['batch']}")
        name_panel(ax, f"batch {sweep['batch']}")
        ax.set_xlabel(LR_LABEL)
        ax.set_ylabel("final expected loss")


def _draw_lines(ax: Axes, lines: Lines, styles: Looks, panel: str) -> None:
    ax.set_ylim(_limits(lines))
    log_axes(ax, "y")
    for place, (name, line) in enumerate(lines.items()):
        look = styles[name]
        style = {"color": look.colour, "marker": look.marker, "markersize": look.size}
        every = max(1, len(line.x) // 10)
        ax.plot(line.x, line.mean, ls=look.line, markevery=every, gid=f"{panel}-{name}", **style)
        broken = line.x[line.diverged > 0]
        height = np.full(len(broken), 1.03 + 0.045 * place)
        where = ax.get_xaxis_transform()
        if panel != "curves":
            ax.plot(broken, height, "x", color=look.colour, ms=3, transform=where, clip_on=False)
    mark_off_scale(ax, lines, styles, panel)


def _limits(lines: Lines) -> tuple[float, float]:
    """All losses within `DECADES` of the best."""
    means = np.concatenate([line.mean for line in lines.values()])
    best = np.nanmin(means)
    return best / 1.5, 1.5 * np.nanmax(means[means <= best * 10**DECADES])


def _notes(settings: dict) -> list[str]:
    batches = ", ".join(str(sweep["batch"]) for sweep in settings["sweeps"])
    epochs = ", ".join(str(task["epochs"]) for task in settings["tasks"].values())
    return [f"{MODEL} · batch {batches} · {epochs} epochs · no data", MARKS]
