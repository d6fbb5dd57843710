"""`largebatch table` and `largebatch figure`: from runs to numbers, from numbers to pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import StudyName, Unfinished, chosen, note_code
from largebatch.cli.pack_file import do_pack
from largebatch.errors import UserError
from largebatch.study import Study, load_study

Name = Annotated[str | None, typer.Argument(help="A figure of the study, e.g. fig1.")]
PackFile = Annotated[Path | None, typer.Option("--pack", help="Many at once: a file of jobs.")]
Draw = Callable[[Study, str, bool], object]


def table(
    name: Name = None,
    study: StudyName = None,
    unfinished: Unfinished = False,
    pack: PackFile = None,
) -> None:
    """Write a figure's table: results/<study>/tables/<figure>.parquet.

    Example: largebatch table fig1 --study demo
    """
    note_code("table")
    from largebatch.analysis.tables import write_figure_table

    _each(
        lambda s, f, part: write_figure_table(s, f, unfinished=part), name, study, unfinished, pack
    )


def figure(
    name: Name = None,
    study: StudyName = None,
    unfinished: Unfinished = False,
    pack: PackFile = None,
) -> None:
    """Draw a figure from its table.

    Writes results/<study>/figures/<figure>.pdf, .svg, .png and .json.

    Example: largebatch figure fig1 --study demo
    """
    note_code("figure")
    from largebatch.figures.draw import draw

    _each(lambda s, f, part: draw(s, f, Path("."), unfinished=part), name, study, unfinished, pack)


def _each(draw: Draw, name: str | None, study: str | None, unfinished: bool, pack: Path | None):
    if pack is not None:
        failed = do_pack(pack, lambda job: _draw_job(draw, job))
        raise typer.Exit(1 if failed else 0)
    if name is None:
        raise UserError("name a figure, e.g. fig1; `largebatch status` lists them.")
    found = chosen(study)
    draw(found, found.figure(name).name, unfinished)


def _draw_job(draw: Draw, job: dict) -> None:
    draw(load_study(job["study"]), job["figure"], bool(job["unfinished"]))
