"""`largebatch report`: every figure of a study on one page."""

from typing import Annotated

import typer

from largebatch.cli.options import Enable, StudyName, Unfinished, chosen, note_code
from largebatch.study import Study


def report(
    study: StudyName = None,
    enable: Enable = None,
    unfinished: Unfinished = False,
    audit: Annotated[
        bool,
        typer.Option("--audit", help="Audit figures and claims; print the verdicts beside them."),
    ] = False,
) -> None:
    """Write one page with all figures, numbers and claims.

    Writes results/<study>/report.html, which loads nothing else.

    Example: largebatch report --study demo --audit
    """
    note_code("report")
    from largebatch.figures.report import write_report

    found = chosen(study, enable)
    verdicts = _verdicts(found) if audit else None
    typer.echo(write_report(found, verdicts=verdicts, unfinished=unfinished))


def _verdicts(study: Study) -> dict[str, str]:
    """{figure or claims: `VERIFIED; 7 runs diverged; ...`}."""
    from largebatch.audit import audit_study, audited

    names = [name for name in audited(study) if name in (*study.figures, "claims")]
    return {
        report.subject.name: "; ".join([report.headline, *(note.what for note in report.notes)])
        for report in audit_study(study, names=names)
    }
