"""The stored runs of a study: those that were trained with the settings it has."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from largebatch.records import Artefact, Refusal, canonical_json, read_artefact, remake
from largebatch.study import Run, Study


def read_run(study: Study, run: Run, root: Path) -> Artefact:
    """The verified file of a run; Refusal if it is missing, damaged, or of other settings."""
    artefact = read_artefact(root / run.path, run.path)
    if not _has_settings(study, run, artefact.record):
        reason = "it was trained with other settings"
        raise Refusal(run.path, reason, f"train it again with {remake(run.path)}")
    return artefact


def is_stored(study: Study, run: Run, root: Path = Path(".")) -> bool:
    """Whether there is a file, and not one of other settings. A damaged one counts: readers tell."""
    path = root / run.path
    if not path.is_file():
        return False
    record = glance(path)
    return record is None or _has_settings(study, run, record)


def glance(path: Path) -> dict | None:
    """The record in the footer of a run's file, not verified; None if it cannot be read."""
    try:
        return json.loads(pq.read_metadata(path).metadata[b"largebatch.record"])
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return None


def _has_settings(study: Study, run: Run, record: dict) -> bool:
    return canonical_json(record.get("settings")) == canonical_json(study.spec(run))
