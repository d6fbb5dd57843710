"""`largebatch crate`: an output and all that made it, as a folder that others can check."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import Enable, StudyName, chosen, refuse
from largebatch.errors import UserError
from largebatch.study import Study

WRONG = 2


def crate(
    names: Annotated[
        list[str], typer.Argument(help="fig1, claims, T1, ...; with --verify their crates.")
    ],
    study: StudyName = None,
    enable: Enable = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check the files of crates.")] = False,
) -> None:
    """Export verified outputs, each as a Workflow Run RO-Crate.

    Writes results/<study>/crates/<name>/. A refused export leaves the crate that is there.

    Example: largebatch crate fig1 && largebatch crate --verify results/demo/crates/fig1
    """
    if verify:
        refuse({"--study": study, "--enable": enable}, "with --verify")
        done = [_is_intact(Path(name)) for name in names]
    else:
        done = list(_exported(chosen(study, enable), names))
    if not all(done):
        raise typer.Exit(WRONG)


def _exported(study: Study, names: list[str]) -> Iterator[bool]:
    """For each name, whether it could be exported; where to, or why not, is printed."""
    from largebatch.audit import audit_study, export_crate

    for report in audit_study(study, names=names):
        folder = Path("results", study.name, "crates", report.subject.name)
        try:
            typer.echo(export_crate(report, folder))
            yield True
        except UserError as error:
            typer.echo(f"largebatch: {error}", err=True)
            yield False


def _is_intact(folder: Path) -> bool:
    """Whether a crate is as it was exported; what is wrong is printed."""
    from largebatch.audit import verify_crate

    problems = verify_crate(folder)
    for problem in problems:
        typer.echo(f"largebatch: {problem}", err=True)
    if not problems:
        typer.echo(f"{folder}: every file is the one that was exported.")
    return not problems
