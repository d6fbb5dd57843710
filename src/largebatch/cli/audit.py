"""`largebatch audit`: what made a figure, and is that still true?"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from largebatch.audit import (
    Finding,
    Report,
    audit_figure,
    audit_study,
    find_figure,
    full_text,
    lock_figures,
    one_line,
)
from largebatch.cli.options import StudyName, chosen
from largebatch.cli.remake import build_again, draw_again, train_again
from largebatch.study import Study, load_study

ROOT = Path(".")


def audit(
    name: Annotated[
        str | None, typer.Argument(help="A figure, e.g. fig1, or any drawn file; default: all.")
    ] = None,
    study: StudyName = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make tables and pictures again; compare bytes.")
    ] = False,
    rerun: Annotated[
        int, typer.Option(min=0, help="Train so many runs of each figure again; compare numbers.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The same facts as JSON.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="List also what is good.")] = False,
    lock: Annotated[
        bool, typer.Option("--lock", help="Note the figures in results/figures.lock, to commit.")
    ] = False,
) -> None:
    """Say of each figure, or of one link by link, whether it is intact, current and reproduced.

    Exit code 0: verified, 1: stale, 2: tampered or missing.

    Example: largebatch audit fig3 --rebuild --rerun 2
    """
    found, figure, also = _subject(name, study)
    if lock:
        lock_figures(found, [figure] if figure else list(found.figures), ROOT)
    checks = _checks(found, rebuild, rerun)
    if figure:
        reports = [audit_figure(found, figure, ROOT, also=also, **checks)]
    else:
        reports = audit_study(found, ROOT, **checks)
    typer.echo(_as_json(reports, figure) if as_json else _as_text(reports, figure, everything))
    raise typer.Exit(max((report.exit_code for report in reports), default=0))


def _subject(name: str | None, study: str | None) -> tuple[Study, str | None, Iterable[Finding]]:
    """The study, the figure (None: all), and what a named file says by itself."""
    if name and Path(name).suffix:
        of_study, figure, finding = find_figure(Path(name), ROOT)
        return load_study(of_study), figure, [finding]
    found = chosen(study)
    return found, name and found.figure(name).name, []


def _checks(study: Study, rebuild: bool, rerun: int) -> dict:
    checks: dict = {}
    if rebuild:
        checks |= {"build": build_again(study, ROOT), "draw": draw_again(study, ROOT)}
    if rerun:
        checks |= {"train": train_again(study, ROOT), "reruns": rerun}
    return checks


def _as_json(reports: list[Report], figure: str | None) -> str:
    facts = [report.to_dict() for report in reports]
    return json.dumps(facts[0] if figure else facts, indent=1)


def _as_text(reports: list[Report], figure: str | None, everything: bool) -> str:
    if figure or everything:
        return "\n".join(full_text(report, everything) for report in reports).rstrip()
    return "\n".join(one_line(report) for report in reports)
