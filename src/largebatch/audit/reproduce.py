"""Making things again and comparing: only when asked, and never implied.

The builder, the drawer and the trainer are passed in, so that an audit alone imports none of them.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from largebatch.audit.chain import Chain
from largebatch.audit.current import code_now
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.errors import UserError
from largebatch.records import file_digest, hardware, packages, table_digest
from largebatch.study import Run

Build = Callable[[str], pa.Table]  # the table of a figure, from its run files
Draw = Callable[[str, pa.Table, Path], Iterable[Path]]  # figure, table, folder -> files in it
Train = Callable[[Run], pa.Table]

DRAWING = ("matplotlib", "numpy", "python")  # bytes of a picture are promised per version of these
TRAINING = ("torch", "numpy", "python", "cpu", "gpu")


def rebuild(chain: Chain, build: Build, draw: Draw) -> list[Finding]:
    """Aggregate and draw again in a temporary folder; compare table digest and bytes."""
    if chain.table is None or chain.sidecar is None:
        return [_finding("rebuilt", Verdict.UNCHECKED, "", "there is nothing to compare with")]
    try:
        table = build(chain.figure)
        if table_digest(table) != chain.table.table:
            return [_differs(chain, "rebuilt", chain.table_name, chain.table.record, DRAWING)]
        with TemporaryDirectory() as folder:
            drawn = {Path(f).name: file_digest(f) for f in draw(chain.figure, table, Path(folder))}
    except UserError as error:  # a run or the table is damaged, or of other settings
        return [_finding("rebuilt", Verdict.UNCHECKED, chain.table_name, str(error))]
    recorded = chain.sidecar.outputs
    other = [name for name in recorded if drawn.get(name) != recorded[name]]
    if other:
        names = ", ".join(other)
        return [_differs(chain, "rebuilt", names, chain.sidecar.record, DRAWING)]
    kinds = ", ".join(sorted(Path(name).suffix[1:] for name in recorded))
    return [_finding("rebuilt", Verdict.INTACT, "table and figure", f"identical bytes: {kinds}")]


def rerun(chain: Chain, train: Train, count: int) -> list[Finding]:
    """Train `count` of the figure's runs again, picked at random but always the same ones."""
    runs = [run for name, run in chain.planned.items() if name in chain.runs]
    chosen = random.Random(chain.figure).sample(runs, min(count, len(runs)))
    findings = [_trained_again(chain, run, train) for run in sorted(chosen)]
    return findings or [_finding("rerun", Verdict.UNCHECKED, "", "there is no run to compare with")]


def _trained_again(chain: Chain, run: Run, train: Train) -> Finding:
    try:
        table = train(run)
    except UserError as error:
        return _finding("rerun", Verdict.UNCHECKED, run.path, str(error))
    if table_digest(table) == chain.runs[run.path].table:
        return _finding("rerun", Verdict.INTACT, run.path, "identical numbers")
    return _differs(chain, "rerun", run.path, chain.runs[run.path].record, TRAINING)


def not_asked(link: str) -> Finding:
    """What was not asked is not answered."""
    option = {"rebuilt": "--rebuild", "rerun": "--rerun N"}[link]
    return _finding(link, Verdict.UNCHECKED, "", f"ask with {option}")


def _differs(chain: Chain, link: str, what: str, record: dict, names: Iterable[str]) -> Finding:
    """Not the same again: with other code or another environment that was to be expected."""
    reasons = [*_other_code(chain, record), *_other_environment(chain, record, names)]
    if reasons:
        detail = f"not the same again, but {'; '.join(reasons)}"
        return _finding(link, Verdict.STALE, what, detail, what)
    return _finding(link, Verdict.CHANGED, what, "not the same when made again", what)


def _other_code(chain: Chain, record: dict) -> Iterator[str]:
    if record["code"]["digest"] != code_now(chain, record["code"]["step"])["digest"]:
        yield "its code has changed since"


def _other_environment(chain: Chain, record: dict, names: Iterable[str]) -> Iterator[str]:
    here = packages(chain.root) | hardware()
    then = record.get("packages", {}) | record.get("hardware", {})
    for name in names:
        if name in then and then[name] != here.get(name):
            yield f"{name} was {then[name]} and is {here.get(name, 'not used')}"


def _finding(
    link: str, verdict: Verdict, what: str, detail: str = "", culprit: str = ""
) -> Finding:
    return Finding(link, Question.REPRODUCED, verdict, what, detail, culprit)
