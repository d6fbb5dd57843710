"""`largebatch runs`: the runs of a study, one a line."""

from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import Enable, StudyName, chosen


def runs(
    study: StudyName = None,
    enable: Enable = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only those without a file.")] = False,
) -> None:
    """List the files of a study's runs.

    Example: largebatch runs --study paper --missing | wc -l
    """
    for run in chosen(study, enable).runs:
        if not (missing and Path(run.path).is_file()):
            typer.echo(run.path)
