"""`audit --lock`: note digests in `results/figures.lock`, but only of what is verified."""

from collections.abc import Iterable
from pathlib import Path

from largebatch.audit.audit import audit_study
from largebatch.audit.checkout.anchor_lines import ANCHOR, note_anchors
from largebatch.audit.checks.anchor import anchor_digest
from largebatch.errors import UserError
from largebatch.study import Study


def lock(study: Study, names: Iterable[str], root: Path = Path(".")) -> None:
    """Write the digests of these subjects, replacing older ones.

    Raises UserError, and writes nothing, if one of them is stale, tampered or missing.
    """
    digests = {}
    for report in audit_study(study, root, names):
        name = report.subject.name
        if not report.subject.shows:
            raise UserError(
                f"{name}: a run or a dataset has no line in {ANCHOR}; name a figure or another "
                "output made from it."
            )
        bad = any(finding.is_bad for finding in report.findings if finding.link != "anchor")
        if bad or (digest := anchor_digest(report.chain)) is None:
            raise UserError(
                f"{name} is {report.headline.lower()}, so nothing was locked; "
                f"see `{report.chain.command}` for the repair."
            )
        digests[report.subject.key] = digest
    note_anchors(root, digests)
