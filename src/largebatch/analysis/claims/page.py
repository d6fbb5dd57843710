"""The ledger of claims as a page to read: the paper's value and ours, side by side."""

import pyarrow as pa

from largebatch.analysis.claims.words import behind, counts, open_because, ours, scope
from largebatch.study import Study


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
