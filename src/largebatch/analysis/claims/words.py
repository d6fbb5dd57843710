"""What the pages of claims say of a study and of a row of its table, as plain text."""

from largebatch.analysis.claims.evidence import (
    CONTRADICTED,
    HERE,
    NOT_RUN,
    SUPPORTED,
    UNDECIDED,
)
from largebatch.analysis.claims.finding import interval
from largebatch.study import Study

VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, NOT_RUN)


def scope(study: Study) -> str:
    """Whether the verdicts speak of the paper."""
    if study.faithful:
        return "Data, models and epochs are the paper's: the verdicts speak of the paper."
    notice = f" ({study.notice})" if study.notice else ""
    return f"Every verdict holds {HERE} only{notice}: it says nothing about the paper."


def counts(rows: list[dict]) -> str:
    """How many statements have which verdict."""
    found = (f"{sum(row['verdict'] == v for row in rows)} {v}" for v in VERDICTS)
    return f"{len(rows)} statements: {', '.join(found)}."


def ours(row: dict) -> str:
    """Estimate and interval of the part that decides the verdict; empty if nothing was tested."""
    if row["low"] is None:
        return ""
    estimate = float("nan") if row["estimate"] is None else row["estimate"]
    return interval(estimate, row["low"], row["high"], row["unit"])


def open_because(row: dict) -> str:
    """` (seeds)` after a verdict that these leave open; else empty."""
    return f" ({row['open']})" if row["open"] else ""


def behind(row: dict) -> str:
    """`20 runs, 1 diverged`; empty if none was read."""
    return f"{row['runs']} runs, {row['diverged']} diverged" if row["runs"] else ""
