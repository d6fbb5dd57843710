"""The verdict on all parts of a claim, and the columns of its row, in words and numbers."""

from collections.abc import Sequence

import numpy as np

from largebatch.analysis.claims import evidence
from largebatch.analysis.claims.evidence import CONTRADICTED, SUPPORTED, UNDECIDED, holm
from largebatch.analysis.claims.finding import Finding
from largebatch.records import canonical_json


def verdict_columns(findings: Sequence[Finding], alpha: float) -> dict:
    verdict, decisive = judge(findings, alpha)
    return {
        "verdict": verdict,
        "open": decisive.why_open if verdict == UNDECIDED else None,
        "reason": _reason(verdict, decisive, findings, alpha),
        "estimate": None if np.isnan(decisive.evidence.estimate) else decisive.evidence.estimate,
        "low": decisive.evidence.low,
        "high": decisive.evidence.high,
        "unit": decisive.unit,
        "n": decisive.n,
        "parts": len(findings),
        "findings": canonical_json([_plain(finding) for finding in findings]),
    }


def judge(findings: Sequence[Finding], alpha: float) -> tuple[str, Finding]:
    """The verdict on all parts together, and the part that decides it."""
    support, against = np.array([finding.p for finding in findings]).T
    verdict = evidence.verdict(support, against, alpha)
    if verdict == CONTRADICTED:
        return verdict, findings[int(np.argmin(against))]
    if verdict == UNDECIDED:
        open_ones = [f for f in findings if f.p[0] >= alpha]
        return verdict, max(open_ones, key=lambda f: (f.open is None, f.p[0]))
    return verdict, findings[int(np.argmax(support))]


def _reason(verdict: str, decisive: Finding, findings: Sequence[Finding], alpha: float) -> str:
    parts, (support, against) = len(findings), np.array([f.p for f in findings]).T
    why = f"because of the {decisive.why_open}"
    if parts == 1:
        said = {SUPPORTED: "holds", CONTRADICTED: "fails"}.get(verdict, f"is open {why}")
        return f"its one part {said}: {decisive.sentence}"
    if verdict == SUPPORTED:
        return f"all {parts} parts hold; the weakest: {decisive.sentence}"
    if verdict == CONTRADICTED:
        failed = (holm(against) < alpha).sum()  # on their own
        fail = "fails" if failed == 1 else "fail"
        return f"{failed} of {parts} parts {fail}; the worst: {decisive.sentence}"
    still_open, alone = (support >= alpha).sum(), (against < alpha).sum()
    noted = f" ({alone} would fail alone, but none after Holm's correction)" if alone else ""
    are = f"is open{noted}," if still_open == 1 else f"are open{noted}; one of them,"
    return f"{still_open} of {parts} parts {are} {why}: {decisive.sentence}"


def _plain(finding: Finding) -> dict:
    support, against = finding.p
    facts = {
        **{name: getattr(finding, name) for name in ("label", "quantity", "wanted", "unit")},
        **{name: getattr(finding.evidence, name) for name in ("estimate", "low", "high")},
        "p_support": support,
        "p_against": against,
        "n": finding.n,
        "open": finding.open,
    }
    return {k: v for k, v in facts.items() if not isinstance(v, float) or np.isfinite(v)}
