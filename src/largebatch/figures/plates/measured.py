"""What was measured for a figure, as a picture: its parts, words and keys."""

import time
from functools import partial

import pyarrow as pa
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from largebatch.analysis.measure.figure_rows import measured_table
from largebatch.analysis.measure.measurer import Measurer
from largebatch.figures.face import facts, metric_label
from largebatch.figures.finals import series_handles
from largebatch.figures.paper import legend_keys
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.plates.measured_panels import (
    LIMITS,
    NOISE,
    NORMALIZATIONS,
    draw_curvatures,
    draw_limits,
    draw_noise,
)
from largebatch.figures.plates.rows import distinct, rows_of
from largebatch.figures.sheet import new_sheet
from largebatch.figures.style import Looks, Options, looks

NOTE = (
    "final metric: mean over seeds; vertical lines: limits set by h_max of SGD at its smallest "
    "rate, if on the axis; other panels: thin lines are at that rate, thick ones at the optimum; "
    "curvatures: each seed; lower: SGD, first seed, last epoch; the noise is proportional to 1/√B "
    "where B tr Cov is flat, and Gaussian where the excess kurtosis is 0"
)


def write_measured(measurer: Measurer, figure: str) -> tuple[pa.Table, dict]:
    """Write results/<study>/measured/<figure>.*; returns the table and the facts of its record."""
    started, study = time.time(), measurer.study
    table, inputs, compared = measured_table(measurer, figure)
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
        **compared,
    )
    return table, compared


def measured_picture(table: pa.Table, settings: dict) -> Figure:
    """Draw two rows of three panels per sweep."""
    sweeps, metric = settings["sweeps"], settings["figure"]["metrics"][0]
    styles = looks(name for sweep in sweeps for name in sweep["optimizers"])
    sheet = new_sheet(
        2 * len(sweeps),
        3,
        title=f"Measured: {settings['figure']['title']}",
        notice=settings["study"]["notice"],
        facts=facts(settings),
        long_labels=True,
    )
    sheet.note(NOTE)
    for sweep, upper, lower in zip(sweeps, sheet.axes[::2], sheet.axes[1::2], strict=True):
        rows = rows_of(table, batch=sweep["batch"])
        upper[0].set_title(f"batch {sweep['batch']}")
        label = metric_label(metric, settings["tasks"][sweep["task"]]["model"])
        upper[0].set_ylabel(f"final {label}")
        draw_limits(sheet, upper[0], rows, styles, sweep, metric)
        draw_curvatures(upper[1:], rows, styles, min(sweep["effective_lrs"]))
        for ax, quantity in zip(lower, NOISE, strict=True):
            draw_noise(ax, rows, styles, quantity)
    return sheet.finish([*series_handles(styles), *_keys(table, styles)])


def _keys(table: pa.Table, styles: Looks) -> list[Artist]:
    """Of the limits, and of the ways to normalise that were measured."""
    found = distinct(rows_of(table, quantity="noise_trace"), "normalization")
    kinds = [NORMALIZATIONS[kind] for kind in found if kind is not None]
    style: Options = {"color": styles["sgd"].colour, "marker": "o", "ms": 2.5}
    return legend_keys(
        [*LIMITS.values(), *((words, style | {"ls": line}) for line, words in kinds)]
    )
