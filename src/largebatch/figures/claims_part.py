"""The claims on the page of a study: one row a statement, from the table of verdicts."""

from collections.abc import Iterable
from html import escape

import pyarrow as pa

from largebatch.analysis.claims.page import behind, counts, open_because, ours, scope
from largebatch.study import Study

COLUMNS = (
    "claim",
    "statement",
    "verdict",
    "the paper",
    "ours [interval]",
    "why, and the runs behind it",
)
TABLE = """<p>{scope} {counts} "Ours" is the estimate of the part that decides the verdict, with its
interval; behind an undecided verdict stands what leaves it open.</p>
<div class="wide">
<table class="claims">
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>"""
ROW = """<tr id="{id}"><th scope="row">{id}</th>
<td>{statement} <small>{place}</small></td>
<td><b class="{shape}">{verdict}</b>{open}</td>
<td>{paper}</td>
<td>{ours}{seeds}</td>
<td><small>{reason}. {runs}</small></td></tr>"""


def claims_table(study: Study, table: pa.Table) -> str:
    """The table of claims as HTML, under words on what it speaks of. table: see `evaluate`."""
    rows = table.to_pylist()
    return TABLE.format(
        scope=escape(scope(study)),
        counts=escape(counts(rows)),
        head="".join(f'<th scope="col">{words}</th>' for words in COLUMNS),
        rows="\n".join(_row(row, study.figures) for row in rows),
    )


def _row(row: dict, figures: Iterable[str]) -> str:
    """A row; its verdict is a word, and `shape` makes the page colour it."""
    texts = {name: escape(row[name]) for name in ("id", "statement", "place", "paper", "verdict")}
    return ROW.format(
        **texts,
        shape=row["verdict"].replace(" ", "-"),
        open=escape(open_because(row)),
        ours=escape(ours(row)),
        seeds=f"<br><small>seeds: {row['n']}</small>" if row["n"] else "",
        reason=escape(row["reason"]),
        runs=_runs(row, figures),
    )


def _runs(row: dict, figures: Iterable[str]) -> str:
    """`Needs fig1, fig3/2: 120 runs, 0 diverged.`, with a link to each figure of the page."""
    needs = [_linked(name, figures) for name in row["needs"].split()]
    counted = f": {found}" if (found := behind(row)) else ""
    return f"Needs {', '.join(needs)}{counted}." if needs else ""


def _linked(name: str, figures: Iterable[str]) -> str:
    figure = name.partition("/")[0]
    return f'<a href="#{figure}">{escape(name)}</a>' if figure in figures else escape(name)
