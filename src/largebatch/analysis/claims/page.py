"""The ledger of claims as a page to read: the paper's value and ours, side by side."""

import pyarrow as pa

from largebatch.analysis.claims.evaluate import HERE
from largebatch.analysis.claims.evidence import (
    CONTRADICTED,
    NOT_RUN,
    SUPPORTED,
    UNDECIDED,
)
from largebatch.analysis.claims.finding import number
from largebatch.study import Study

VERDICTS = (SUPPORTED, CONTRADICTED, UNDECIDED, NOT_RUN)


def page(study: Study, table: pa.Table, digest: str, mark: str) -> str:
    """The page in Markdown. digest: of the table it shows. mark: its own name (`records.mark`)."""
    rows = table.to_pylist()
    parts = [
        f"# The paper's statements: study `{study.name}`\n",
        f"{study.title}.\n",
        _scope(study),
        _counts(rows),
        "`docs/claims.md` explains the tests, the intervals and the verdicts.\n",
        _overview(rows),
        "## Why\n",
        *(_why(row) for row in rows),
        f"\nMade from `claims.parquet`, table {digest}; {mark}.\n",
    ]
    return "\n".join(parts)


def _scope(study: Study) -> str:
    if study.faithful:
        return "Data, models and epochs are the paper's: the verdicts speak of the paper.\n"
    notice = f" ({study.notice})" if study.notice else ""
    return f"Every verdict holds **{HERE}** only{notice}: it says nothing about the paper.\n"


def _counts(rows: list[dict]) -> str:
    counts = (f"{sum(row['verdict'] == v for row in rows)} {v}" for v in VERDICTS)
    return f"{len(rows)} statements: {', '.join(counts)}.\n"


def _overview(rows: list[dict]) -> str:
    titles = "statement | where | the paper | ours, of the part named below | seeds | verdict"
    head = f"| | {titles} |\n|{'---|' * 7}"
    lines = (
        f"| {row['id']} | {_cell(row['statement'])} | {_cell(row['place'])} | "
        f"{_cell(row['paper'])} | {_ours(row)} | {row['n'] or ''} | {_verdict(row)} |"
        for row in rows
    )
    return "\n".join([head, *lines]) + "\n"


def _ours(row: dict) -> str:
    if row["low"] is None:
        return ""
    estimate = "-" if row["estimate"] is None else number(row["estimate"])
    return f"{estimate} [{number(row['low'])}, {number(row['high'])}]"


def _verdict(row: dict) -> str:
    open_because = f" ({row['open']})" if row["open"] else ""
    return f"**{row['verdict']}**{open_because}"


def _why(row: dict) -> str:
    runs = f" {row['runs']} runs, {row['diverged']} diverged." if row["runs"] else ""
    return f"- **{row['id']}** {row['verdict']}: {row['reason']}.{runs}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
