"""`largebatch table` and `largebatch figure`: from runs to numbers, from numbers to pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import StudyName, Unfinished, chosen, note_code, refuse
from largebatch.cli.pack_file import do_pack
from largebatch.errors import UserError
from largebatch.study import load_study

Name = Annotated[str | None, typer.Argument(help="A figure of the study, e.g. fig1.")]
PackFile = Annotated[Path | None, typer.Option("--pack", help="Many: the file that lists them.")]
Make = Callable[..., object]  # (study, name of a figure, unfinished=...)


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

    _each(write_figure_table, name, study, unfinished, pack)


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

    _each(draw, name, study, unfinished, pack)


def _each(make: Make, name: str | None, study: str | None, unfinished: bool, pack: Path | None):
    def make_job(job: dict) -> None:
        make(load_study(job["study"]), job["figure"], unfinished=bool(job["unfinished"]))

    if pack is not None:
        given = {"a figure's name": name, "--study": study, "--unfinished": unfinished}
        refuse(given, "with --pack")
        raise typer.Exit(1 if do_pack(pack, make_job) else 0)
    if name is None:
        raise UserError("name a figure, e.g. fig1; `largebatch status` lists them.")
    found = chosen(study)
    make(found, found.figure(name).name, unfinished=unfinished)
