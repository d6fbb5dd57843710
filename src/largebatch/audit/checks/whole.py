"""Findings for the links that are whole: one for each table and dataset, and one for all runs."""

from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, Question, intact, note
from largebatch.audit.subjects.subject import is_run
from largebatch.audit.words import counted


def table_and_data_findings(chain: Chain) -> Iterator[Finding]:
    """One finding for each table and dataset that was read and is as it should be."""
    blamed = {finding.culprit for finding in chain.findings}
    for name, table in chain.tables.items():
        if name not in blamed:
            yield intact("table", name, f"{_made_from(table.record)}{table.table[:8]}")
    for name, data in chain.data.items():
        if name not in blamed:
            yield intact("data", name, data.table[:8])


def _made_from(record: dict) -> str:
    names = [each["name"] for each in record["inputs"]]
    runs = sum(map(is_run, names))
    counts = {"run": runs, "file": len(names) - runs}
    return "".join(f"{counted(count, noun)}, " for noun, count in counts.items() if count)


def run_findings(chain: Chain) -> Iterator[Finding]:
    """How many runs there are, if all of them are whole, and how many of them diverged."""
    if not chain.runs:
        return
    statuses = Counter(run.record["status"] for run in chain.runs.values())
    if _are_whole(chain):
        detail = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        yield intact("runs", f"{len(chain.runs)} of {len(chain.runs)}", detail)
    if chain.subject.shows and (diverged := statuses["diverged"]):
        words = f"{counted(diverged, 'run')} diverged; the {chain.subject.link} says so"
        yield note("runs", words)


def _are_whole(chain: Chain) -> bool:
    """Were all runs that the tables name read, with nothing wrong found?"""
    if any(f.link == "runs" and f.question is Question.INTACT for f in chain.findings):
        return False
    inputs = {each["name"] for table in chain.tables.values() for each in table.record["inputs"]}
    return not chain.tables or sum(map(is_run, inputs)) == len(chain.runs)
