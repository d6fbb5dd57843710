"""Make things again and compare, but only when asked to.

The functions that build, draw and train are passed in, so that an audit alone imports none of them.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict, unchecked
from largebatch.audit.subjects.subject import Subject
from largebatch.errors import UserError
from largebatch.records import (
    Sidecar,
    file_digest,
    hardware,
    packages,
    read_table,
    table_digest,
)
from largebatch.study import Run

# Makes a subject's table from its inputs; None if that takes training, or if it has no table.
Build = Callable[[Subject], pa.Table | None]
Draw = Callable[[Subject, pa.Table | None, Path], Iterable[Path]]  # table, folder -> files in it
Train = Callable[[Run], pa.Table]

PROMISED = {  # equal bytes (for a run: equal numbers) if these are equal
    "rebuilt": ("matplotlib", "numpy", "python", "scipy"),
    "rerun": ("torch", "numpy", "python", "cpu", "gpu"),
}
# Convolutions that give a run the same bits in any pack, also on a GPU (docs/kernels.md).
APART = ("branches", "joint")


def rebuild(chain: Chain, build: Build | None, draw: Draw | None) -> Finding:
    """Compute and draw the subject again in a temporary folder; compare table digest and bytes."""
    subject = chain.subject
    if not (build and draw):
        return _unchecked("rebuilt", "ask with --rebuild")
    if chain.sidecar is None or (subject.table and chain.table is None):
        return _unchecked("rebuilt", "there is nothing to compare with")
    try:
        return _rebuilt(chain, chain.sidecar, build, draw)
    except Exception as error:  # any: a forged input need not be of the form that a step expects
        return _refused("rebuilt", subject.table or subject.stem, error)


def _rebuilt(chain: Chain, sidecar: Sidecar, build: Build, draw: Draw) -> Finding:
    subject, own, table = chain.subject, chain.table, build(chain.subject)
    if own and table is not None and table_digest(table) != own.table:
        return _differs(chain, "rebuilt", own.name, subject.steps[0], own.record)
    trained = own if table is None else None  # a table that only training makes
    shown = read_table(chain.root / trained.name) if trained else table
    if other := _drawn_otherwise(subject, sidecar.outputs, draw, shown):
        return _differs(chain, "rebuilt", ", ".join(other), subject.steps[1], sidecar.record)
    kinds = ", ".join(sorted(Path(name).suffix[1:] for name in sidecar.outputs))
    if trained:
        words = f"identical bytes: {kinds}; only `largebatch measure` makes its table again"
        return _same("rebuilt", subject.link, words)
    what = f"table and {subject.link}" if subject.table else subject.link
    return _same("rebuilt", what, f"identical bytes: {kinds}")


def _drawn_otherwise(
    subject: Subject, recorded: dict[str, str], draw: Draw, table: pa.Table | None
) -> list[str]:
    """Names of the files that have other bytes, or are not there, when the table is drawn again."""
    with TemporaryDirectory() as folder:
        drawn = {Path(f).name: file_digest(f) for f in draw(subject, table, Path(folder))}
    drawn.pop(f"{Path(subject.stem).name}.json", None)  # it holds time and machine
    return sorted(n for n in drawn | recorded if drawn.get(n) != recorded.get(n))


def rerun(chain: Chain, train: Train | None, count: int) -> list[Finding]:
    """Train `count` of the chain's runs again, picked at random so that nobody knows which."""
    if not (train and count):
        return [_unchecked("rerun", "ask with --rerun N")]
    known = chain.study.by_file
    runs = [known[name] for name in chain.runs if name in known]
    chosen = random.SystemRandom().sample(runs, min(count, len(runs)))
    findings = [_trained_again(chain, run, train) for run in sorted(chosen)]
    return findings or [_unchecked("rerun", "there is no run to compare with")]


def _trained_again(chain: Chain, run: Run, train: Train) -> Finding:
    try:
        table = train(run)
    except Exception as error:
        return _refused("rerun", run.path, error)
    if table_digest(table) == chain.runs[run.path].table:
        return _same("rerun", run.path, "identical numbers")
    return _differs(chain, "rerun", run.path, "train", chain.runs[run.path].record)


def _same(link: str, what: str, detail: str) -> Finding:
    return Finding(link, Question.REPRODUCED, Verdict.INTACT, what, detail)


def _refused(link: str, what: str, error: Exception) -> Finding:
    """It was asked for and cannot be made: a forger could see to that, so nothing is verified."""
    reason = error if isinstance(error, UserError) else repr(error)
    detail = f"it could not be made again: {reason}"
    return Finding(link, Question.REPRODUCED, Verdict.STALE, what, detail, what)


def _unchecked(link: str, detail: str) -> Finding:
    return unchecked(link, Question.REPRODUCED, "", detail)


def _differs(chain: Chain, link: str, what: str, step: str, record: dict) -> Finding:
    """It is not the same again, which is to be expected with other code or environment."""
    environment = _other_environment(chain, record, PROMISED[link])
    reasons = [*_other_code(chain, step, record), *environment, *_other_company(record)]
    verdict = Verdict.STALE if reasons else Verdict.CHANGED
    detail = "not the same when made again"
    if reasons:
        detail = f"not the same when made again, but {'; '.join(reasons)}"
    return Finding(link, Question.REPRODUCED, verdict, what, detail, what)


def _other_code(chain: Chain, step: str, record: dict) -> Iterator[str]:
    if not chain.present.is_current(step, record):
        yield "its code has changed since"


def _other_company(record: dict) -> Iterator[str]:
    """On a GPU the last bits of most models depend on how many runs are trained together."""
    facts = record["facts"]
    mates, convolutions = facts.get("pack_mates"), facts.get("execution", {}).get("convolutions")
    if mates and str(facts.get("device")).startswith("cuda") and convolutions not in APART:
        yield f"it was trained beside {len(mates)} others on a GPU, and now alone"


def _other_environment(chain: Chain, record: dict, names: Iterable[str]) -> Iterator[str]:
    here = packages(chain.root) | hardware()
    then = record.get("packages", {}) | record.get("hardware", {})
    for name in names:
        if name in then and then[name] != here.get(name):
            yield f"{name} was {then[name]} and is {here.get(name, 'not used')}"
