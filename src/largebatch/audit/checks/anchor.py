"""`results/figures.lock`: one committed digest for each figure and each other output.

Digests inside `results/` reveal accidents, drift and partial edits. Someone who rewrites runs,
tables, pictures and records together is caught only here, by the repository's history. The digest
covers pictures, table and runs, and what these were trained with (settings and data), but not code,
times and machines: it stays the same when a figure is honestly made again with the same lock of
packages on the same kind of machine.
"""

from collections.abc import Iterator
from shutil import which

from largebatch.audit.chain.chain import Chain
from largebatch.audit.checkout.anchor_lines import ANCHOR
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.finding import Finding, Question, intact, missing, note, stale, unchecked
from largebatch.records import digest_of


def anchor_digest(chain: Chain) -> str | None:
    """The digest of pictures or page, table and runs; None if one of them is missing or tampered.

    Data may be: the digest covers what the runs say of them.
    """
    broken = any(f.link != "data" and f.verdict.exit_code == 2 for f in chain.findings)
    if chain.sidecar is None or broken:
        return None
    return digest_of(
        {
            "identity": chain.sidecar.identity,
            "outputs": chain.sidecar.outputs,
            "table": chain.table.table if chain.table else None,
            "runs": {run.name: _trained(run) for run in chain.runs.values()},
        }
    )


def _trained(run: Evidence) -> dict:
    """A run's numbers, and the settings and data that they are said to come from."""
    data = [each["table"] for each in run.record["inputs"]]
    return {"table": run.table, "settings": run.record["settings"], "data": data}


def anchor_findings(chain: Chain) -> Iterator[Finding]:
    """Is the subject the one that its line notes, and is the line the one that was committed?

    Runs and datasets have no lines of their own; the lines of what is made from runs cover these.
    """
    if not chain.subject.shows:
        return
    key, lines = chain.subject.key, chain.present.committed_anchors
    anchored = chain.present.anchors.get(key)
    yield _compared(chain, anchored)
    if lines is None:
        yield _unreadable()
    elif (committed := lines.get(key)) and committed != anchored:
        repair = f"git checkout HEAD {ANCHOR}, or commit it if the change is intended"
        yield _stale(f"the line for {key} differs from the committed one", repair)
    elif committed != anchored:
        words = f"the line for {key} in {ANCHOR} is not committed, so it proves nothing yet"
        yield note("anchor", words)


def _compared(chain: Chain, anchored: str | None) -> Finding:
    now = anchor_digest(chain)
    if anchored is None or now is None:
        detail = f"no line for {chain.subject.key}" if anchored is None else "the chain is broken"
        return unchecked("anchor", Question.INTACT, str(ANCHOR), detail)
    if anchored == now:
        return intact("anchor", str(ANCHOR), now[:8])
    words = "pictures, table or runs are not the ones that were noted"
    return _stale(words, f"{chain.command} --lock, then commit it, if the change is intended")


def _unreadable() -> Finding:
    """A forger could have damaged the repository, so this is no note."""
    words = "git cannot read it in the last commit, so what was noted there is not known"
    repair = "git fsck" if which("git") else "install git"
    return missing("anchor", str(ANCHOR), words, repair=repair)


def _stale(words: str, repair: str) -> Finding:
    return stale("anchor", str(ANCHOR), words, str(ANCHOR), repair=repair)
