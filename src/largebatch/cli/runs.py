"""`largebatch runs`: the runs of a study, one per line."""

from typing import Annotated

import typer

from largebatch.analysis.stored import is_stored
from largebatch.cli.options import Enable, StudyName, chosen


def runs(
    study: StudyName = None,
    enable: Enable = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="List only runs without a file of their settings.")
    ] = False,
) -> None:
    """List the files of a study's runs.

    Example: largebatch runs --study paper --missing | wc -l
    """
    found = chosen(study, enable)
    for run in found.runs:
        if not (missing and is_stored(found, run)):
            typer.echo(run.path)
