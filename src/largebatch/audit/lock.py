"""`audit --lock`: note digests in `results/figures.lock`, but only of what is verified."""

from collections.abc import Iterable
from pathlib import Path

from largebatch.audit.anchor import anchor_digest
from largebatch.audit.anchor_lines import ANCHOR, note_anchors
from largebatch.audit.audit import audit_study
from largebatch.errors import UserError
from largebatch.study import Study


def lock(study: Study, names: Iterable[str], root: Path = Path(".")) -> None:
    """Write the digests of these subjects, replacing older ones.

    Raises UserError, and writes nothing, if one of them is stale, tampered or missing.
    """
    reports = audit_study(study, root, names)
    for report in reports:
        name = report.subject.name
        if not report.subject.shows:
            raise UserError(
                f"{name}: a run or a dataset has no line in {ANCHOR}; name a figure or another "
                "output made from it."
            )
        if any(finding.is_bad for finding in report.findings if finding.link != "anchor"):
            raise UserError(
                f"{name} is {report.headline.lower()}, so nothing was locked; "
                f"see `{report.chain.command}` for the repair."
            )
    note_anchors(root, {report.subject.key: anchor_digest(report.chain) for report in reports})
