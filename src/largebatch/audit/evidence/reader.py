"""Artefacts as an audit sees them: read whole, verified, and kept without their numbers."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from safetensors import SafetensorError
from safetensors.numpy import load_file

from largebatch.audit.checkout.present import Present
from largebatch.audit.evidence.contradictions import first_fault
from largebatch.data.load import (
    dataset_digest,
    read_dataset_digest,
    read_dataset_record,
    read_facts,
)
from largebatch.errors import UserError
from largebatch.records import (
    Sidecar,
    canonical_json,
    check_file,
    damaged,
    digest_of,
    read_artefact,
    read_sidecar,
)
from largebatch.study import Study

EXAMPLES = ("train_images", "train_tokens")


@dataclass(frozen=True)
class Evidence:
    """The record of an artefact and the digests by which others name it.

    table: of its numbers or tensors. digest: of its record. file: of its bytes, for Parquet only.
    start, updates: a run's test loss before the first step, and its updates in the first epoch.
    examples: images or tokens that a dataset has to train on.
    """

    record: dict
    table: str
    digest: str
    file: str | None = None
    start: float | None = None
    updates: int | None = None
    examples: int | None = None

    @property
    def name(self) -> str:
        return self.record["name"]


class Reader:
    """Reads artefacts of one checkout, each once, however many figures share it.

    `present` is the checkout as it is now. The methods raise UserError for files that are missing
    or do not match their own digests.
    """

    def __init__(self, study: Study, root: Path):
        self.present = Present(study, root)
        self._known: dict[str, Evidence | UserError] = {}

    def sidecar(self, name: str) -> Sidecar:
        """The sidecar of pictures or a page; `name` is without the ending, as in its record."""
        path = self.present.root / f"{name}.json"
        sidecar = read_sidecar(path, name)
        _check(path, sidecar.record)
        return sidecar

    def evidence(self, name: str) -> Evidence:
        """The evidence of a run, table or dataset file."""
        if name not in self._known:
            self._known[name] = self._read(name)
        known = self._known[name]
        if isinstance(known, UserError):
            raise known
        return known

    def _read(self, name: str) -> Evidence | UserError:
        read = _read_dataset if name.endswith(".safetensors") else _read_parquet
        path = self.present.root / name
        try:
            return read(path, name)
        except UserError as error:
            return error
        except RecursionError:
            return damaged(path, "what it says of itself is nested too deeply to be read")


def _read_parquet(path: Path, name: str) -> Evidence:
    artefact = read_artefact(path, name)
    _check(path, artefact.record, artefact.table)
    digests = artefact.table_digest, artefact.record_digest, artefact.file_digest
    if artefact.record["kind"] != "run":
        return Evidence(artefact.record, *digests)
    losses, steps = artefact.table["test_loss"], artefact.table["step"]
    updates = steps[1].as_py() if len(steps) > 1 else None
    return Evidence(artefact.record, *digests, start=losses[0].as_py(), updates=updates)


def _read_dataset(path: Path, name: str) -> Evidence:
    """The evidence of a dataset; reads and digests every tensor, without torch."""
    check_file(path)
    stated, record = read_dataset_digest(path), _dataset_record(path)
    try:
        tensors = load_file(path)
        intact = dataset_digest(tensors) == stated
    except (SafetensorError, OSError, ValueError, LookupError, TypeError):
        intact = False
    if not intact:
        raise damaged(path, "its tensors are not the ones recorded when it was written")
    _check(path, record)
    if record["name"] != name:
        raise damaged(path, f"it belongs to {record['name']}, but was put in the place of {name}")
    found = [tensors[key] for key in EXAMPLES if key in tensors]
    examples = [len(array) for array in found if array.ndim]
    if not examples:
        raise damaged(path, "its tensors include no training images or tokens")
    return Evidence(record, stated, digest_of(record), examples=examples[0])


def _dataset_record(path: Path) -> dict:
    """The record of a dataset, whose facts must have the form that an audit relies on."""
    try:
        facts, record = read_facts(path), read_dataset_record(path)
        canonical_json([facts, record])
        intact = isinstance(facts, dict) and isinstance(facts.get("files", {}), dict)
    except (ValueError, RecursionError):
        intact = False
    if not intact:
        raise damaged(path, "its facts are not those of a dataset")
    return record


def _check(path: Path, record: dict, table: pa.Table | None = None) -> None:
    """Refuse a record with contradictions: as all digests fit, it was written by hand."""
    if fault := first_fault(record, table):
        raise damaged(path, fault)
