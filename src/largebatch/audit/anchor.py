"""`results/figures.lock`: one committed digest a figure, and one each for what stands beside them.

Digests inside `results/` show accident, drift and partial edits. Someone who rewrites runs,
tables, pictures and records together is caught only here, by what the repository's history holds.
The digest covers pictures, table and runs, but not times and machines: making a figure again
honestly, with the same lock of packages on the same kind of machine, keeps it.
"""

from collections.abc import Iterator

from largebatch.audit.anchor_lines import ANCHOR, read_anchors
from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict, intact, note, stale
from largebatch.audit.present import Present
from largebatch.records import digest_of


def anchor_digest(chain: Chain) -> str | None:
    """The digest of what shows a table, of the table and its runs; None if any link is missing."""
    if chain.sidecar is None or (chain.subject.table and chain.table is None):
        return None
    return digest_of(
        {
            "identity": chain.sidecar.identity,
            "outputs": chain.sidecar.outputs,
            "table": chain.table.table if chain.table else None,
            "runs": {run.name: run.table for run in chain.runs.values()},
        }
    )


def noted(present: Present) -> set[str]:
    """Keys of all lines, also of those that only the last commit has."""
    return read_anchors(present.root).keys() | present.committed_anchors.keys()


def anchor_findings(chain: Chain) -> Iterator[Finding]:
    """Is it the one that was noted, and is the note the one that was committed?

    Runs and datasets have no line of their own: those of what is made from them cover runs.
    """
    if not chain.subject.shows:
        return
    key = chain.subject.key
    anchored, committed = (
        read_anchors(chain.root).get(key),
        chain.present.committed_anchors.get(key),
    )
    yield _compared(chain, anchored)
    if committed and committed != anchored:
        repair = f"git checkout HEAD {ANCHOR}, or commit it, if the change is meant"
        yield _stale(f"the line for {key} is not as committed", repair)
    elif committed != anchored:
        words = f"the line for {key} in {ANCHOR} is not committed, so it proves nothing yet"
        yield note("anchor", words)


def _compared(chain: Chain, anchored: str | None) -> Finding:
    now = anchor_digest(chain)
    if anchored is None or now is None:
        detail = f"no line for {chain.subject.key}" if anchored is None else "the chain is broken"
        return Finding("anchor", Question.INTACT, Verdict.UNCHECKED, str(ANCHOR), detail)
    if anchored == now:
        return intact("anchor", str(ANCHOR), now[:8])
    words = "pictures, table or runs are not the ones that were noted"
    return _stale(words, f"{chain.command} --lock, then commit, if the change is meant")


def _stale(words: str, repair: str) -> Finding:
    return stale("anchor", str(ANCHOR), words, str(ANCHOR), repair=repair)
