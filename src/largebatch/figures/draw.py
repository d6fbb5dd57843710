"""From a figure's table to its pictures. Drawing computes nothing: each number is in the table."""

import time
from pathlib import Path

import pyarrow as pa

from largebatch.analysis.long_form import read_figure_table, table_path
from largebatch.errors import UserError
from largebatch.figures.face import facts, most_seeds, spread, unfinished_notice
from largebatch.figures.momenta import draw_momenta
from largebatch.figures.pictures import picture_bytes
from largebatch.figures.sheet import Sheet, new_sheet
from largebatch.figures.style import private_style
from largebatch.figures.sweep import draw_sweep
from largebatch.records import (
    Artefact,
    code_digest,
    identity,
    make_record,
    mark,
    remake,
    write_bytes,
    write_sidecar,
)
from largebatch.study import Study

KINDS = {"sweep": draw_sweep, "momenta": draw_momenta}


def draw(
    study: Study, figure: str, root: Path = Path("."), unfinished: bool = False
) -> dict[str, Path]:
    """Draw results/<study>/figures/<figure>.{pdf,svg,png} and the sidecar .json beside them.

    Returns the path of each by ending. Raises UserError if the table is missing, altered, made with
    other settings, or (unless `unfinished`) of an unfinished sweep. Equal tables and settings give
    equal bytes.
    """
    started = time.time()
    artefact = read_drawn(study, figure, root, unfinished)
    settings, runs = study.figure_settings(figure), artefact.record["facts"]["runs"]
    own_identity = figure_identity(study, figure, artefact)
    with private_style():
        contents = picture_bytes(picture(artefact.table, settings, runs).figure, mark(own_identity))
    name = f"results/{study.name}/figures/{figure}"
    paths = {ending: root / f"{name}.{ending}" for ending in contents}
    for ending, content in contents.items():
        write_bytes(paths[ending], content)
    record = make_record(
        "figure",
        name,
        inputs=[artefact.as_input],
        step="figure",
        settings=settings,
        started=started,
        finished=time.time(),
        status="finished",
        root=root,
        runs=runs,
    )
    sidecar = root / f"{name}.json"
    write_sidecar(sidecar, record, own_identity, paths.values())
    return {**paths, "json": sidecar}


def figure_identity(study: Study, figure: str, artefact: Artefact) -> str:
    """The identity that the pictures of this table carry: table, plot code, style and settings."""
    settings = {**study.figure_settings(figure), "runs": artefact.record["facts"]["runs"]}
    plot_code = code_digest("figure")["digest"]
    return identity(f"{study.name}/{figure}", artefact.table_digest, plot_code, settings)


def picture(table: pa.Table, settings: dict, runs: dict[str, int]) -> Sheet:
    """The figure of a table, laid out and ready to save, inside `private_style`.

    settings: `Study.figure_settings`. runs: {"present": how many runs the table has, "planned"}.
    """
    shown = settings["figure"]
    momenta = shown["kind"] == "momenta"
    sheet = new_sheet(
        columns=len(shown["metrics"]),
        rows=len(settings["sweeps"]) if momenta else 2,
        title=shown["title"],
        notice=settings["study"]["notice"],
        unfinished=unfinished_notice(runs),
        facts=facts(settings),
        row_names=[f"batch {sweep['batch']}" for sweep in settings["sweeps"]] if momenta else None,
    )
    rows = table.to_pylist()
    sheet.note(spread(most_seeds(rows)))
    sheet.finish(KINDS[shown["kind"]](sheet, rows, settings))
    return sheet


def read_drawn(study: Study, figure: str, root: Path, unfinished: bool) -> Artefact:
    """The table to draw, verified; raises the errors of `draw`."""
    path, artefact = table_path(study, figure), read_figure_table(study, figure, root)
    runs = artefact.record["facts"].get("runs")
    if not isinstance(runs, dict) or not {"present", "planned"} <= runs.keys():
        raise UserError(
            f"{path}: its record does not say how many runs it holds (facts.runs); delete it and "
            f"run {remake(path)}."
        )
    if runs["present"] < runs["planned"] and not unfinished:
        raise UserError(
            f"{path}: it holds {runs['present']} of {runs['planned']} runs; finish them with "
            f"`snakemake {figure} --config study={study.name}`, or draw what exists with "
            "`--config unfinished=true`."
        )
    return artefact
