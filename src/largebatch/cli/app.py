"""All commands, and how errors reach the user: one sentence, exit code 2, no traceback."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from largebatch import __version__
from largebatch.cli.audit import audit
from largebatch.cli.claims import claims
from largebatch.cli.crate import crate
from largebatch.cli.data import data
from largebatch.cli.draw import figure, table
from largebatch.cli.export import export
from largebatch.cli.maps import maps
from largebatch.cli.measure import measure
from largebatch.cli.report import report
from largebatch.cli.runs import runs
from largebatch.cli.status import status
from largebatch.cli.theory import theory
from largebatch.cli.train import train
from largebatch.errors import UserError
from largebatch.records import check_sources

app = typer.Typer(
    help="The experiments of Smith, Elsen & De (2019), one step at a time. "
    "`snakemake figures` runs these commands for you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"largebatch {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version."),
]


@app.callback()
def options(version: Version = False) -> None:
    """Options of the program itself."""


STEPS = (runs, status, data, train, table, figure, claims, theory, measure, maps, report)
for command in (*STEPS, audit, crate, export):
    app.command()(command)


def main() -> None:
    """Run the command line."""
    try:
        check_sources(Path("."))
        app()
    except UserError as sentence:
        _fail(str(sentence))
    except OSError as error:  # a full disk, a folder that may not be written
        if error.strerror is None:  # not raised by the system
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror}; fix that and start again.")


def _fail(sentence: str) -> None:
    print(f"largebatch: {sentence}", file=sys.stderr)
    sys.exit(2)
