"""The ledger of claims as a page to read, and the words on a row of its table, for reports too."""

import pyarrow as pa

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


def page(study: Study, table: pa.Table, digest: str, mark: str) -> str:
    """The page in Markdown. digest: of the table it shows. mark: its own name (`records.mark`)."""
    rows = table.to_pylist()
    parts = [
        f"# The paper's statements: study `{study.name}`\n",
        f"{study.title}.\n",
        f"{scope(study)}\n",
        f"{counts(rows)}\n",
        "`docs/claims.md` explains the tests, the intervals and the verdicts.\n",
        _overview(rows),
        "## Why\n",
        *(_why(row) for row in rows),
        f"\nMade from `claims.parquet`, table {digest}; {mark}.\n",
    ]
    return "\n".join(parts)


def _overview(rows: list[dict]) -> str:
    titles = "statement | where | the paper | ours, of the part named below | seeds | verdict"
    head = f"| | {titles} |\n|{'---|' * 7}"
    lines = (
        f"| {row['id']} | {_cell(row['statement'])} | {_cell(row['place'])} | "
        f"{_cell(row['paper'])} | {ours(row)} | {row['n'] or ''} | "
        f"**{row['verdict']}**{open_because(row)} |"
        for row in rows
    )
    return "\n".join([head, *lines]) + "\n"


def _why(row: dict) -> str:
    runs = f" {found}." if (found := behind(row)) else ""
    return f"- **{row['id']}** {row['verdict']}: {row['reason']}.{runs}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


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
