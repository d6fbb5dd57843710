"""`largebatch audit`: what made an output, and is that still true?"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from largebatch.audit import (
    Finding,
    Report,
    all_lines,
    audit_one,
    audit_study,
    audited,
    find_file,
    full_text,
)
from largebatch.audit import lock as note_in_lock
from largebatch.audit.checkout.present import Present
from largebatch.audit.subjects.subject import ENDINGS
from largebatch.cli.options import Enable, StudyName, chosen, refuse
from largebatch.cli.remake import build_again, draw_again, train_again
from largebatch.errors import UserError
from largebatch.records.refusal import OF_NO_STUDY
from largebatch.study import Study

ROOT = Path(".")

Name = Annotated[
    str | None,
    typer.Argument(help="fig1, claims, T1, ..., a run, or any file in results; default: all."),
]
Rebuild = Annotated[
    bool, typer.Option("--rebuild", help="Make tables and pictures again and compare their bytes.")
]
Rerun = Annotated[
    int,
    typer.Option(
        min=0, help="Train this many runs of each output again and compare their numbers."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]
Everything = Annotated[bool, typer.Option("--all", help="Also list what is in order.")]
Remake = Annotated[
    bool, typer.Option("--remake", help="Print only the files to pass to `snakemake --forcerun`.")
]
Lock = Annotated[
    bool, typer.Option("--lock", help="Note the outputs in results/figures.lock, to be committed.")
]


def audit(
    name: Name = None,
    study: StudyName = None,
    enable: Enable = None,
    rebuild: Rebuild = False,
    rerun: Rerun = 0,
    as_json: AsJson = False,
    everything: Everything = False,
    remake: Remake = False,
    lock: Lock = False,
) -> None:
    """Tell whether each output is intact, current and reproduced.

    A named output is shown link by link. Outputs are the figures and, once made, the claims,
    theory, measurements, maps and report. To audit a run or a dataset, give its name or file.

    Exit code 0: verified, 1: stale, 2: tampered or missing, or no answer.

    Example: largebatch audit fig3 --rebuild --rerun 2
    """
    if remake:
        refuse({"--json": as_json, "--all": everything}, "with --remake")
    if as_json:
        refuse({"--all": everything}, "with --json")
    found, one, also = _subject(name, study, enable)
    if lock:
        note_in_lock(found, audited(found, ROOT) if one is None else [one], ROOT)
    checks = _checks(found, rebuild, rerun)
    if one is None:
        reports = audit_study(found, ROOT, **checks)
    else:
        reports = [audit_one(found, one, ROOT, also=also, **checks)]
    if not reports:
        raise UserError(f"{found.file}: figures: there is none to audit; add one.")
    if remake:
        text = "\n".join(dict.fromkeys(name for report in reports for name in report.remake))
    else:
        text = _as_json(reports, one) if as_json else _as_text(reports, one, everything)
    typer.echo(text.encode(errors="backslashreplace"))  # a record may hold half a character
    raise typer.Exit(max(report.exit_code for report in reports))


def _subject(
    name: str | None, study: str | None, enable: list[str] | None
) -> tuple[Study, str | None, Iterable[Finding]]:
    """The study, which of its subjects (None: all), and findings about a named file itself."""
    if name is None or not _is_file(name):
        return chosen(study, enable), name, []
    stem, findings = find_file(Path(name), ROOT)
    folder = stem.split("/")[1]
    found = chosen(study if folder in OF_NO_STUDY else folder, enable)
    return found, Present(found, ROOT).subject_at(stem).name, findings


def _is_file(name: str) -> bool:
    """Whether `name` is a file; the name of a figure or dataset may have a dot, too."""
    path = Path(name)
    return path.suffix in ENDINGS or (path.suffix != "" and path.is_file())


def _checks(study: Study, rebuild: bool, rerun: int) -> dict:
    checks: dict = {}
    if rebuild:
        checks |= {"build": build_again(study, ROOT), "draw": draw_again(study, ROOT)}
    if rerun:
        checks |= {"train": train_again(study, ROOT), "reruns": rerun}
    return checks


def _as_json(reports: list[Report], one: str | None) -> str:
    facts = [report.to_dict() for report in reports]
    return json.dumps(facts[0] if one else facts, indent=1)


def _as_text(reports: list[Report], one: str | None, everything: bool) -> str:
    if one or everything:
        return "\n".join(full_text(report, everything) for report in reports).rstrip()
    return all_lines(reports)
