"""T1 to T9: the theory twin of each figure, on the axes of that figure."""

import time
from functools import partial
from pathlib import Path

import pyarrow as pa
from matplotlib.figure import Figure

from largebatch.analysis.theory.planned import twin_name, twin_settings, twinned
from largebatch.analysis.theory.twin import METRIC, twin_table
from largebatch.figures.face import extent, metric_name
from largebatch.figures.parts import parts
from largebatch.figures.plates.artefact import write_artefact
from largebatch.figures.sheet import new_sheet
from largebatch.study import Study

MODEL = "noisy quadratic model: h(i) = 1/i, i = 1 to 10,000, noise covariance h/B, nothing fitted"


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
    """Draw a twin's table like its figure, side by side. settings: `planned.twin_settings`."""
    shown, sweeps = settings["figure"] | {"metrics": [METRIC]}, settings["sweeps"]
    names, draw_parts = parts(settings)
    epochs = (sweep["epochs"] for sweep in sweeps)
    sheet = new_sheet(
        rows=1,
        columns=len(names),
        title=f"Theory twin of: {shown['title']}",
        facts=f"{MODEL} · {extent(sweeps, epochs)} · no data",
    )
    for ax, name in zip(sheet.axes[0], names, strict=True):
        ax.set_title(name)
    labels = [[metric_name(METRIC)]] * len(sweeps)
    rows, settings = table.to_pylist(), settings | {"figure": shown}
    return sheet.finish(draw_parts(sheet, sheet.axes.T, rows, settings, labels))
