"""What was measured for a figure: the limits over its sweep, curvature along training, noise."""

import time
from functools import partial

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from largebatch.analysis.measure.figure_rows import measured_table
from largebatch.analysis.measure.measurer import Measurer
from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.arrowheads import mark_off_scale
from largebatch.figures.axes import LR_LABEL, epoch_axis, rate_axis
from largebatch.figures.face import BEYOND, metric_name, rate_label
from largebatch.figures.finals import series_handles, shared_colours
from largebatch.figures.paper import say_none
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.layout import OFF_SCALE, batch_axis, log_axes, name_panel, new_plate
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.points import Points
from largebatch.figures.style import Looks, Options, looks

LINES = {"batch": "-", "ghost": "--", "none": ":"}
WORDS = {"batch": "batch norm", "ghost": "ghost batch norm", "none": "no normalisation"}


def write_measured(measurer: Measurer, figure: str) -> tuple[pa.Table, dict]:
    """Write results/<study>/measured/<figure>.*; returns the table and the facts of its record."""
    started, study = time.time(), measurer.study
    table, inputs, facts = measured_table(measurer, figure)
    settings = study.figure_settings(figure)
    write_artefact(
        f"results/{study.name}/measured/{figure}",
        table,
        partial(measured_picture, settings=settings),
        measurer.root,
        steps=("measure", "measured"),
        settings=settings,
        started=started,
        inputs=inputs,
        **facts,
    )
    return table, facts


def measured_picture(table: pa.Table, settings: dict) -> Figure:
    """Draw four panels per sweep."""
    sweeps = settings["sweeps"]
    styles = looks(name for sweep in sweeps for name in sweep["optimizers"])
    notes = [
        f"upper left: mean over seeds; {BEYOND}, over {OFF_SCALE} times the best; vertical lines: "
        "limits set by h_max of SGD at its smallest rate, if on the axis",
        "other panels: thin lines are at that rate, thick ones at the optimum; upper right: each "
        "seed; lower: SGD, first seed, last epoch; the noise is proportional to 1/√B where its "
        "line is flat, and Gaussian where the excess kurtosis is 0",
        *shared_colours(styles),
    ]
    limits = [
        Line2D([], [], color="0.35", ls=":", label="1/h_max"),
        Line2D([], [], color="0.35", ls="--", linewidth=0.9, label="2(1+m) / ((1−m) h_max)"),
    ]
    plate = new_plate(
        f"Measured: {settings['figure']['title']}",
        notes,
        [*series_handles(styles), *limits],
        rows=2 * len(sweeps),
        notice=settings["study"]["notice"],
    )
    for place, sweep in enumerate(sweeps):
        rows = rows_of(table, batch=sweep["batch"])
        (finals, curvature), (trace, tails) = plate.axes[2 * place : 2 * place + 2]
        _draw_finals(finals, rows, styles, sweep, settings["figure"]["metrics"][0])
        _draw_curvature(curvature, rows, styles, sweep)
        _draw_noise(trace, rows, styles, "noise_trace", "B tr Cov(gradient)")
        _draw_noise(tails, rows, styles, "excess_kurtosis", "excess kurtosis")
    return plate.figure


def _draw_finals(ax: Axes, rows: pa.Table, styles: Looks, sweep: dict, metric: str) -> None:
    name_panel(ax, f"batch {sweep['batch']}")
    values = rows_of(rows, quantity=f"final_{metric}")["value"].drop_null().to_numpy()
    if not values.size:
        say_none(ax, f"no {metric_name(metric)}: every seed diverged")
        return
    rate_axis(ax, sorted(sweep["effective_lrs"]))
    lines = {}
    for name, look in styles.items():
        lines[name] = _means(rows_of(rows, quantity=f"final_{metric}", optimizer=name))
        ax.plot(lines[name].x, lines[name].mean, gid=f"final-{name}", **look.drawn())
        for limit in rows_of(rows, quantity="limit", optimizer=name)["value"].to_pylist():
            ax.axvline(limit, color=look.colour, ls="--", linewidth=0.9, gid=f"limit-{name}")
    for onset in rows_of(rows, quantity="onset")["value"].to_pylist():
        ax.axvline(onset, color="0.35", ls=":", linewidth=1.1, gid="onset")
    if not is_accuracy(metric):
        near = values[values <= OFF_SCALE * values.min()]
        ax.set_ylim(near.min() / 1.2, 1.2 * near.max())
        log_axes(ax, "y")
    mark_off_scale(ax, lines, styles, "final")
    ax.set_xlabel(LR_LABEL)
    ax.set_ylabel(f"final {metric_name(metric)}")


def _means(rows: pa.Table) -> Points:
    """Means against learning rate; the table of measurements does not say how seeds scatter."""
    x, mean = rows["effective_lr"].to_numpy(), rows["value"].to_numpy()
    return Points(x, mean, *[np.full(len(x), np.nan)] * 3)


def _draw_curvature(ax: Axes, rows: pa.Table, styles: Looks, sweep: dict) -> None:
    if not rows_of(rows, quantity="h_max").num_rows:
        say_none(ax, "curvature: not measured")
        return
    least = min(sweep["effective_lrs"])
    for quantity, marker in (("h_max", "o"), ("batch_sharpness", "x")):
        found = rows_of(rows, quantity=quantity)
        for optimizer, lr, seed in distinct(found, "optimizer", "effective_lr", "seed"):
            line = rows_of(found, optimizer=optimizer, effective_lr=lr, seed=seed)
            ax.plot(
                line["epoch"], line["value"], marker=marker, ms=3.5,
                color=styles[optimizer].colour, ls=styles[optimizer].line,
                linewidth=0.5 if lr == least else 1.4,
                gid=f"{quantity}-{optimizer}-{rate_label(lr)}-{seed}",
            )  # fmt: skip
    epoch_axis(ax)
    log_axes(ax, "y")
    name_panel(ax, "h_max (o), batch sharpness (x)")
    ax.set_xlabel("epoch")
    ax.set_ylabel("curvature")


def _draw_noise(ax: Axes, rows: pa.Table, styles: Looks, quantity: str, label: str) -> None:
    """Draw a quantity at the last epoch against minibatch size, for SGD at both of its rates."""
    found = rows_of(rows, quantity=quantity, optimizer="sgd")
    if not found.num_rows:
        say_none(ax, f"{label}: not measured")
        return
    found = rows_of(found, epoch=max(found["epoch"].to_pylist()))
    least = min(found["effective_lr"].to_pylist())
    for lr, kind in distinct(found, "effective_lr", "normalization"):
        line = rows_of(found, effective_lr=lr, normalization=kind)
        style: Options = {"marker": "o", "ms": 3, "linewidth": 0.6 if lr == least else 1.4}
        style |= {"color": styles["sgd"].colour, "ls": LINES.get(kind, "-")}
        words = WORDS.get(kind) if lr == least else None
        ax.plot(line["probe_batch"], line["value"], label=words, **style)
    batch_axis(ax, sorted(distinct(found, "probe_batch")))
    if quantity == "noise_trace":
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        ax.set_ylim(low / 2, 2 * high)  # so that what is nearly flat looks flat
        log_axes(ax, "y")
    elif any(found["normalization"].to_pylist()):
        ax.legend(fontsize=6)
    ax.set_ylabel(label)
