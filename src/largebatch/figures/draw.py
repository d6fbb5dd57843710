"""From a figure's table to its pictures. Drawing computes nothing: each number is in the table."""

from pathlib import Path

import pyarrow as pa

from largebatch.analysis.long_form import read_figure_table
from largebatch.errors import UserError
from largebatch.figures.face import facts, metric_label, most_seeds, spread, unfinished_notice
from largebatch.figures.parts import parts
from largebatch.figures.pictures import picture_identity, write_pictures
from largebatch.figures.sheet import Sheet, new_sheet
from largebatch.records import Artefact, remake
from largebatch.study import Study


def draw(
    study: Study, figure: str, root: Path = Path("."), unfinished: bool = False
) -> dict[str, Path]:
    """Draw results/<study>/figures/<figure>.{pdf,svg,png} and the sidecar .json beside them.

    Returns the path of each by ending. Raises UserError if the table is missing, altered, made with
    other settings, or (unless `unfinished`) of an unfinished sweep. Equal tables and settings give
    equal bytes.
    """
    artefact = read_drawn(study, figure, root, unfinished)
    settings, runs = study.figure_settings(figure), artefact.record["facts"]["runs"]
    return write_pictures(
        study.stem(figure),
        artefact,
        lambda table: picture(table, settings, runs).figure,
        "figure",
        settings,
        root,
        runs=runs,
    )


def figure_identity(study: Study, figure: str, artefact: Artefact) -> str:
    """The identity that the pictures of this table carry."""
    settings, runs = study.figure_settings(figure), artefact.record["facts"]["runs"]
    return picture_identity(study.stem(figure), artefact, "figure", settings, runs=runs)


def picture(table: pa.Table, settings: dict, runs: dict[str, int]) -> Sheet:
    """The figure of a table, laid out and ready to save; to be called inside `private_style`.

    settings: `Study.figure_settings`. runs: {"present": runs in the table, "planned": of how many}.
    """
    shown, sweeps, rows = settings["figure"], settings["sweeps"], table.to_pylist()
    models = [settings["tasks"][sweep["task"]]["model"] for sweep in sweeps]
    labels = [[metric_label(metric, model) for metric in shown["metrics"]] for model in models]
    names, draw_parts = parts(settings)
    sheet = new_sheet(
        rows=len(names),
        columns=len(shown["metrics"]),
        title=shown["title"],
        unfinished=unfinished_notice(runs),
        notice=settings["study"]["notice"],
        facts=facts(settings),
        row_names=names,
        long_labels=any("\n" in label for row in labels for label in row[1:]),
    )
    sheet.note(spread(most_seeds(rows)))
    sheet.finish(draw_parts(sheet, sheet.axes, rows, settings, labels))
    return sheet


def read_drawn(study: Study, figure: str, root: Path, unfinished: bool) -> Artefact:
    """The table to draw, verified; raises the errors of `draw`."""
    path, artefact = study.table(figure), read_figure_table(study, figure, root)
    runs = artefact.record["facts"].get("runs")
    if not isinstance(runs, dict) or not {"present", "planned"} <= runs.keys():
        raise UserError(
            f"{path}: its record does not say how many runs the table holds (facts.runs); "
            f"delete it and run {remake(path)}."
        )
    if runs["present"] < runs["planned"] and not unfinished:
        raise UserError(
            f"{path}: it holds {runs['present']} of {runs['planned']} runs; finish them with "
            f"`snakemake {figure} --config study={study.name}`, or draw what exists with "
            "`--config unfinished=true`."
        )
    return artefact
