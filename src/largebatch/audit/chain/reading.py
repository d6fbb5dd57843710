"""Read a chain from the output down to the data, every byte of every file.

This answers most of "intact?": a file that is missing, damaged or not what the next link was made
from becomes a finding here.
"""

import os
from collections.abc import Callable
from typing import TypeVar

from largebatch.audit.chain.chain import Chain
from largebatch.audit.chain.joints import compare_data, compare_input, other_inputs
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.evidence.reader import Reader
from largebatch.audit.finding import missing, tampered
from largebatch.audit.subjects.subject import is_data, is_run
from largebatch.errors import UserError
from largebatch.records import Refusal

T = TypeVar("T")
Made = tuple[dict, str]  # what was made from an input: its record, and the file to ask for again


def load_chain(name: str, reader: Reader) -> Chain:
    """The verified chain of a subject, with what was found while reading it.

    Raises UserError if the study has no subject of that name.
    """
    chain = Chain(reader.present.find(name), reader)
    if chain.subject.kind == "run":
        _read_run(chain, chain.subject.shown, None)
    elif chain.subject.kind == "data":
        _fetch(chain, chain.data, "data", chain.subject.shown)
    else:
        _read_shown(chain)
    _read_data(chain)
    chain.findings = list(dict.fromkeys(chain.findings))  # once each, as tables share runs
    return chain


def _read_shown(chain: Chain) -> None:
    """Read the sidecar and the table that the subject shows; without a table, read its inputs."""
    subject = chain.subject
    chain.sidecar = _read(chain, subject.link, subject.stem, chain.reader.sidecar)
    made = (chain.sidecar.record, subject.shown) if chain.sidecar else None
    if subject.table:
        _read_table(chain, subject.table, made)
        return
    expected = list(subject.inputs())
    recorded = [each["name"] for each in made[0]["inputs"]] if made else expected
    for name in recorded:
        _read_table(chain, name, made)
    chain.findings += other_inputs(set(expected), set(recorded), subject.shown, "page")


def _read_table(chain: Chain, name: str, made: Made | None) -> None:
    """Read a table and, the first time, its inputs; `made` is what was made from the table."""
    again = name in chain.tables
    table = _fetch(chain, chain.tables, "table", name)
    if table and made:
        chain.findings += compare_input("table", table, *made)
    if again:
        return
    subject = chain.present.by_file.get(name)
    expected = list(subject.inputs()) if subject else None
    recorded = _runs_and_tables(table) if table else expected or []
    for each in recorded:
        read = _read_run if is_run(each) else _read_table
        read(chain, each, (table.record, name) if table else None)
    if expected is not None:
        chain.findings += other_inputs(set(expected), set(recorded), name)


def _runs_and_tables(table: Evidence) -> list[str]:
    """Names of the runs and tables that a table was made from."""
    names = (each["name"] for each in table.record["inputs"])
    return [name for name in names if not is_data(name)]


def _read_run(chain: Chain, name: str, made: Made | None) -> None:
    run = _fetch(chain, chain.runs, "runs", name)
    if run and made:
        chain.findings += compare_input("runs", run, *made)


def _read_data(chain: Chain) -> None:
    """Read the datasets that runs and tables name; users of the same tensors share a finding."""
    users: dict[tuple[str, str], list[Evidence]] = {}
    for made in (*chain.runs.values(), *chain.tables.values()):
        for each in made.record["inputs"]:
            if is_data(each["name"]):
                users.setdefault((each["name"], each["table"]), []).append(made)
    for (name, tensors), those in users.items():
        if data := _fetch(chain, chain.data, "data", name):
            names = tuple(made.name for made in those)
            chain.findings += compare_data(data, tensors, those[0].record, names)


def _fetch(chain: Chain, found: dict[str, Evidence], link: str, name: str) -> Evidence | None:
    """Read a file once and keep it in `found` (tables, runs or data); None if it cannot be read."""
    if name not in found and (evidence := _read(chain, link, name, chain.reader.evidence)):
        found[name] = evidence
    return found.get(name)


def _read(chain: Chain, link: str, name: str, read: Callable[[str], T]) -> T | None:
    """What `read` returns; None, and a finding, if it raises UserError."""
    subject = chain.subject
    file, again = (f"{name}.json", subject.shown) if name == subject.stem else (name, name)
    try:
        return read(name)
    except UserError as error:
        found = tampered if os.path.exists(chain.root / file) else missing
        reason = error.reason if isinstance(error, Refusal) else str(error)
        chain.findings.append(found(link, name, reason, remake=(again,)))
        return None
