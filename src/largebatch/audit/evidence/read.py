"""Read an artefact whole, and verify it; UserError if it is missing or not what it says."""

from pathlib import Path

import pyarrow as pa
from safetensors import SafetensorError
from safetensors.numpy import load_file

from largebatch.audit.evidence.contradictions import first_fault
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.evidence.run_rows import values_of
from largebatch.data.load import (
    dataset_digest,
    read_dataset_digest,
    read_dataset_record,
    read_facts,
)
from largebatch.records import (
    Sidecar,
    canonical_json,
    check_file,
    check_name,
    damaged,
    digest_of,
    read_artefact,
    read_sidecar,
    sha256,
)

EXAMPLES = ("train_images", "train_tokens")


def read_shown(path: Path, name: str) -> Sidecar:
    """The sidecar of pictures or a page."""
    sidecar = read_sidecar(path, name)
    _refuse_faults(path, sidecar.record)
    return sidecar


def read_parquet(path: Path, name: str) -> Evidence:
    """The evidence of a run or table."""
    artefact = read_artefact(path, name)
    _refuse_faults(path, artefact.record, artefact.table)
    digests = artefact.table_digest, artefact.record_digest, artefact.file_digest
    if artefact.record["kind"] != "run":
        return Evidence(artefact.record, *digests)
    return Evidence(artefact.record, *digests, *_own_numbers(artefact.table))


def _own_numbers(run: pa.Table) -> tuple[float, int | None, str | None]:
    """Start, updates and losses of a run.

    Where no loss is another than the start, the rate was too small to move any weight, and the
    losses are no run's own.
    """
    start = run["test_loss"][0].as_py()
    updates = run["step"][1].as_py() if len(run) > 1 else None
    train, test = (values_of(run, name)[1:] for name in ("train_loss", "test_loss"))
    losses = sha256(train.tobytes() + test.tobytes()) if (test != start).any() else None
    return start, updates, losses


def read_dataset(path: Path, name: str) -> Evidence:
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
    _refuse_faults(path, record)
    check_name(path, record, name)
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


def _refuse_faults(path: Path, record: dict, table: pa.Table | None = None) -> None:
    """Refuse a record with contradictions: as all digests fit, it was written by hand."""
    if fault := first_fault(record, table):
        raise damaged(path, fault)
