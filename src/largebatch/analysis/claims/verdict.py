"""The verdict on all parts of a claim as columns of its row, in words and numbers."""

from collections.abc import Sequence

import numpy as np

from largebatch.analysis.claims.evidence import CONTRADICTED, SUPPORTED, UNDECIDED
from largebatch.analysis.claims.finding import Finding, failed, judge
from largebatch.records import canonical_json


def verdict_columns(findings: Sequence[Finding], alpha: float) -> dict:
    verdict, decisive = judge(findings, alpha)
    evidence = decisive.evidence
    return {
        "verdict": verdict,
        "open": decisive.why_open if verdict == UNDECIDED else None,
        "reason": _reason(verdict, decisive, findings, alpha),
        "estimate": _known(evidence.estimate),
        "low": evidence.low,
        "high": evidence.high,
        "n": decisive.n,
        "parts": len(findings),
        "findings": canonical_json([_plain(finding) for finding in findings]),
    }


def _reason(verdict: str, decisive: Finding, findings: Sequence[Finding], alpha: float) -> str:
    parts = len(findings)
    if verdict == SUPPORTED:
        return f"all {parts} parts hold; the weakest: {decisive.sentence}"
    if verdict == CONTRADICTED:
        return f"{failed(findings, alpha)} of {parts} parts fail; the worst: {decisive.sentence}"
    still_open = sum(finding.p[0] >= alpha for finding in findings)
    alone = sum(finding.p[1] < alpha for finding in findings)
    noted = f" ({alone} would fail alone, none by Holm's correction for {parts})" if alone else ""
    are = "is" if still_open == 1 else "are"
    return (
        f"{still_open} of {parts} parts {are} open{noted}; {decisive.why_open}: {decisive.sentence}"
    )


def _plain(finding: Finding) -> dict:
    e = finding.evidence
    support, against = finding.p
    facts = {
        "label": finding.label,
        "quantity": finding.quantity,
        "wanted": finding.wanted,
        "estimate": e.estimate,
        "low": e.low,
        "high": e.high,
        "p_support": support,
        "p_against": against,
        "n": finding.n,
        "open": finding.open,
    }
    return {k: v for k, v in facts.items() if not isinstance(v, float) or np.isfinite(v)}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
