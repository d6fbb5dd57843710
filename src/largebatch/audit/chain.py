"""The chain behind a figure: its sidecar, its table, every run, every dataset; read and joined.

Reading already answers most of "intact?": what is missing, damaged or not what the next link
says it was made from becomes a finding here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from largebatch.audit.evidence import Evidence, Reader
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.errors import UserError
from largebatch.records import Sidecar
from largebatch.records.refusal import Refusal
from largebatch.study import Run, Study


@dataclass
class Chain:
    """What could be read of a figure's chain, and what was found while reading it."""

    study: Study
    figure: str
    root: Path
    sidecar: Sidecar | None = None
    table: Evidence | None = None
    runs: dict[str, Evidence] = field(default_factory=dict)
    data: dict[str, Evidence] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def figure_name(self) -> str:
        return f"results/{self.study.name}/figures/{self.figure}"

    @property
    def table_name(self) -> str:
        return f"results/{self.study.name}/tables/{self.figure}.parquet"

    @cached_property
    def planned(self) -> dict[str, Run]:
        """The runs that the study says the figure shows, by name."""
        return {run.path: run for run in self.study.runs_of(self.figure)}

    @property
    def records(self) -> dict[str, list[dict]]:
        """Every record that could be read, by the step that made it, in the order of the chain."""
        return {
            "data": [evidence.record for evidence in self.data.values()],
            "train": [evidence.record for evidence in self.runs.values()],
            "table": [self.table.record] if self.table else [],
            "figure": [self.sidecar.record] if self.sidecar else [],
        }


def load_chain(study: Study, figure: str, reader: Reader) -> Chain:
    """Read the chain from the figure down; every byte of every file is read and verified."""
    chain = Chain(study, figure, reader.root)
    chain.sidecar = _read(chain, "figure", chain.figure_name, reader.sidecar)
    _read_table(chain, reader)
    _read_runs(chain, reader)
    _read_data(chain, reader)
    return chain


def _read(chain: Chain, link: str, name: str, read: Callable):
    """What `read` returns, or None and a finding."""
    try:
        return read(name)
    except UserError as error:
        path = chain.root / (name if link != "figure" else f"{name}.json")
        verdict = Verdict.CHANGED if path.exists() else Verdict.MISSING
        reason = error.reason if isinstance(error, Refusal) else str(error)
        remake = (name if link != "figure" else f"{name}.pdf",)
        found = Finding(link, Question.INTACT, verdict, name, reason, name, remake)
        chain.findings.append(found)
        return None


def _read_table(chain: Chain, reader: Reader) -> None:
    chain.table = _read(chain, "table", chain.table_name, reader.evidence)
    if chain.table and chain.sidecar:
        recorded = _inputs(chain.sidecar.record).get(chain.table_name)
        chain.findings += compare_input(
            "table", recorded, chain.table, chain.sidecar.record, chain.figure_name
        )


def _read_runs(chain: Chain, reader: Reader) -> None:
    recorded = _inputs(chain.table.record) if chain.table else dict.fromkeys(chain.planned)
    for name, as_input in recorded.items():
        run = _read(chain, "runs", name, reader.evidence)
        if run is not None:
            chain.runs[name] = run
            if as_input:
                chain.findings += compare_input(
                    "runs", as_input, run, chain.table.record, chain.table_name
                )
    chain.findings += _other_runs(chain, set(chain.planned), set(recorded))


def _other_runs(chain: Chain, expected: set[str], recorded: set[str]) -> Iterable[Finding]:
    for names, detail in (
        (expected - recorded, "runs of the study are not in the table"),
        (recorded - expected, "runs in the table are not of the study"),
    ):
        if names:
            first = min(names)
            yield Finding(
                "runs",
                Question.CURRENT,
                Verdict.STALE,
                f"{len(names)} {detail}",
                f"the first is {first}",
                culprit=first,
                remake=(chain.table_name,),
            )


def _read_data(chain: Chain, reader: Reader) -> None:
    seen: dict[tuple, tuple[dict, dict, list[str]]] = {}  # one finding for all runs that agree
    for run in chain.runs.values():
        for as_input in run.record["inputs"]:
            key = (as_input["name"], as_input["table"])
            _, _, names = seen.setdefault(key, (as_input, run.record, []))
            names.append(run.name)
    for as_input, record, names in seen.values():
        name = as_input["name"]
        if name not in chain.data:
            data = _read(chain, "data", name, reader.evidence)
            if data is None:
                continue
            chain.data[name] = data
        chain.findings += compare_data(as_input, chain.data[name], record, tuple(names))


def _inputs(record: dict) -> dict[str, dict]:
    return {each["name"]: each for each in record["inputs"]}


def compare_input(
    link: str, recorded: dict | None, found: Evidence, parent: dict, parent_name: str
) -> list[Finding]:
    """Is `found` what its parent was made from? Made again since is stale, anything else is not."""
    name = found.name
    if recorded == {"name": name, "table": found.table, "record": found.digest}:
        return []
    if found.record["finished"] > parent["started"]:
        detail = f"made again after {parent_name}"
        current = (Question.CURRENT, Verdict.STALE)
        return [Finding(link, *current, name, detail, name, remake=(parent_name,))]
    part = "record is" if recorded and recorded["table"] == found.table else "numbers are"
    detail = f"its {part} not what {parent_name} was made from"
    return [Finding(link, Question.INTACT, Verdict.CHANGED, name, detail, name, remake=(name,))]


def compare_data(
    recorded: dict, found: Evidence, run: dict, names: tuple[str, ...]
) -> list[Finding]:
    """Are the tensors the ones that the runs saw? Only these count, not when they were prepared."""
    if recorded["table"] == found.table:
        return []
    detail = f"{len(names)} runs were trained on other data"
    again = found.record["finished"] > run["started"]
    question = Question.CURRENT if again else Question.INTACT
    verdict = Verdict.STALE if again else Verdict.CHANGED
    return [Finding("data", question, verdict, found.name, detail, found.name, remake=names)]
