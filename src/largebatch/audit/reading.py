"""Reading a chain, downwards, every byte of every file.

This already answers most of "intact?": what is missing, damaged or not what the next link says it
was made from becomes a finding here.
"""

from collections.abc import Callable, Iterator

from largebatch.audit.chain import Chain, is_data
from largebatch.audit.evidence import Evidence, Reader
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.audit.joints import compare_data, compare_input, other_inputs
from largebatch.errors import UserError
from largebatch.records import Refusal


def load_chain(name: str, reader: Reader) -> Chain:
    """The verified chain of a subject, and what was found while it was read.

    Raises UserError if the study has no subject of that name.
    """
    subject = reader.present.find(name)
    chain = Chain(subject, reader.present)
    if subject.kind == "run":
        _read_run(chain, reader, subject.shown, None)
    elif subject.kind == "data":
        _fetch(chain, reader, chain.data, "data", subject.shown)
    else:
        _read_shown(chain, reader)
    _read_data(chain, reader)
    return chain


def _read_shown(chain: Chain, reader: Reader) -> None:
    subject = chain.subject
    chain.sidecar = _read(chain, subject.link, subject.stem, reader.sidecar)
    if subject.table:
        _read_table(chain, reader, subject.table, _shown(chain))
    else:
        _read_tables(chain, reader)


def _read(chain: Chain, link: str, name: str, read: Callable):
    """What `read` returns, or None and a finding."""
    shown = name == chain.subject.stem
    try:
        return read(name)
    except UserError as error:
        path = chain.root / (f"{name}.json" if shown else name)
        verdict = Verdict.CHANGED if path.exists() else Verdict.MISSING
        reason = error.reason if isinstance(error, Refusal) else str(error)
        remake = (chain.subject.shown if shown else name,)
        found = Finding(link, Question.INTACT, verdict, name, reason, name, remake)
        chain.findings.append(found)
        return None


def _fetch(
    chain: Chain, reader: Reader, found: dict[str, Evidence], link: str, name: str
) -> Evidence | None:
    """The same of a file, kept in `found`: the chain's tables, runs or data."""
    if name not in found and (evidence := _read(chain, link, name, reader.evidence)):
        found[name] = evidence
    return found.get(name)


def _shown(chain: Chain) -> tuple[dict, str] | None:
    return (chain.sidecar.record, chain.subject.shown) if chain.sidecar else None


def _read_tables(chain: Chain, reader: Reader) -> None:
    """Those that a subject without a table of its own shows."""
    expected, shown = list(chain.subject.inputs()), _shown(chain)
    recorded = [each["name"] for each in shown[0]["inputs"]] if shown else expected
    for name in recorded:
        _read_table(chain, reader, name, shown)
    chain.findings += other_inputs(set(expected), set(recorded), chain.subject.shown, "page")


def _read_table(chain: Chain, reader: Reader, name: str, parent: tuple[dict, str] | None) -> None:
    """A table and, on the way down, what it was made from; `parent` is what was made from it."""
    again = name in chain.tables
    table = _fetch(chain, reader, chain.tables, "table", name)
    if table and parent:
        chain.findings += compare_input("table", table, *parent)
    if again:
        return
    subject = chain.present.by_file.get(name)
    expected = list(subject.inputs()) if subject else None
    recorded = _inputs(table) if table else expected or []
    for each in recorded:
        made = (table.record, name) if table else None
        if "/runs/" in each:
            _read_run(chain, reader, each, made)
        else:
            _read_table(chain, reader, each, made)
    if expected is not None:
        chain.findings += other_inputs(set(expected), set(recorded), name)


def _read_run(chain: Chain, reader: Reader, name: str, parent: tuple[dict, str] | None) -> None:
    run = _fetch(chain, reader, chain.runs, "runs", name)
    if run and parent:
        chain.findings += compare_input("runs", run, *parent)


def _read_data(chain: Chain, reader: Reader) -> None:
    seen: dict[tuple, tuple[dict, dict, list[str]]] = {}  # one finding for all that agree
    for made in (*chain.runs.values(), *chain.tables.values()):
        for as_input in _data_inputs(made):
            key = (as_input["name"], as_input["table"])
            _, _, names = seen.setdefault(key, (as_input, made.record, []))
            names.append(made.name)
    for as_input, record, names in seen.values():
        if data := _fetch(chain, reader, chain.data, "data", as_input["name"]):
            chain.findings += compare_data(as_input, data, record, tuple(names))


def _inputs(table: Evidence) -> list[str]:
    """Names of the runs and tables that a table was made from."""
    names = (each["name"] for each in table.record["inputs"])
    return [name for name in names if not is_data(name)]


def _data_inputs(made: Evidence) -> Iterator[dict]:
    return (each for each in made.record["inputs"] if is_data(each["name"]))
