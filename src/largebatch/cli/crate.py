"""`largebatch crate`: an output and all that made it, as a folder that others can check."""

from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import Enable, StudyName, chosen, refuse

WRONG = 2


def crate(
    name: Annotated[str, typer.Argument(help="fig1, claims, T1, ...; with --verify a crate.")],
    study: StudyName = None,
    enable: Enable = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check a crate's files.")] = False,
) -> None:
    """Export a verified output as a Workflow Run RO-Crate.

    Writes results/<study>/crates/<name>/.

    Example: largebatch crate fig1 && largebatch crate --verify results/demo/crates/fig1
    """
    from largebatch.audit import audit_one, export_crate, verify_crate

    if not verify:
        found = chosen(study, enable)
        folder = Path("results", found.name, "crates", name)
        typer.echo(export_crate(audit_one(found, name), folder))
        return
    refuse({"--study": study, "--enable": enable}, "with --verify")
    problems = verify_crate(Path(name))
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(WRONG)
    typer.echo(f"{Path(name)}: every file is the one that was exported.")
