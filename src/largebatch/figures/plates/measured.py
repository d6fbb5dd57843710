"""What was measured for a figure, as a picture: its parts, words and keys."""

import time
from functools import partial

import pyarrow as pa
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from largebatch.analysis.measure.figure_rows import measured_table
from largebatch.analysis.measure.measurer import Measurer
from largebatch.figures.face import BEYOND, metric_label
from largebatch.figures.finals import series_handles, shared_colours
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.layout import OFF_SCALE, name_panel, new_plate
from largebatch.figures.plates.measured_panels import (
    NOISE,
    NORMALIZATIONS,
    draw_curvatures,
    draw_finals,
    draw_noise,
    final_values,
    is_beyond,
)
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.style import Looks, Options, looks


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
    """Draw two rows of three panels per sweep."""
    sweeps, metric = settings["sweeps"], settings["figure"]["metrics"][0]
    styles = looks(name for sweep in sweeps for name in sweep["optimizers"])
    parts = [rows_of(table, batch=sweep["batch"]) for sweep in sweeps]
    beyond = any(is_beyond(final_values(rows, metric), metric) for rows in parts)
    plate = new_plate(
        f"Measured: {settings['figure']['title']}",
        [*_notes(beyond), *shared_colours(styles)],
        [*series_handles(styles), *_limit_handles(), *_kind_handles(table, styles)],
        rows=2 * len(sweeps),
        columns=3,
        notice=settings["study"]["notice"],
    )
    for place, (sweep, rows) in enumerate(zip(sweeps, parts, strict=True)):
        upper, lower = plate.axes[2 * place : 2 * place + 2]
        label = metric_label(metric, settings["tasks"][sweep["task"]]["model"])
        draw_finals(upper[0], rows, styles, sweep, metric, label)
        draw_curvatures(upper[1:], rows, styles, min(sweep["effective_lrs"]))
        for ax, quantity in zip(lower, NOISE, strict=True):
            draw_noise(ax, rows, styles, quantity)
        name_panel(upper[0], f"batch {sweep['batch']}")
    return plate.figure


def _notes(beyond: bool) -> list[str]:
    marks = f"; {BEYOND}, over {OFF_SCALE} times the best" if beyond else ""
    return [
        f"final metric: mean over seeds{marks}; vertical lines: limits set by h_max of SGD at its "
        "smallest rate, if on the axis",
        "other panels: thin lines are at that rate, thick ones at the optimum; curvatures: each "
        "seed; lower: SGD, first seed, last epoch; the noise is proportional to 1/√B where B tr "
        "Cov is flat, and Gaussian where the excess kurtosis is 0",
    ]


def _limit_handles() -> list[Line2D]:
    return [
        Line2D([], [], color="0.35", ls=":", label="1/h_max"),
        Line2D([], [], color="0.35", ls="--", linewidth=0.9, label="2(1+m) / ((1−m) h_max)"),
    ]


def _kind_handles(table: pa.Table, styles: Looks) -> list[Line2D]:
    """Keys of the ways to normalise, if any was measured."""
    found = distinct(rows_of(table, quantity="noise_trace"), "normalization")
    style: Options = {"color": styles["sgd"].colour, "marker": "o", "ms": 2.5}
    kinds = [NORMALIZATIONS[kind] for kind in found if kind is not None]
    return [Line2D([], [], ls=line, label=words, **style) for line, words in kinds]
