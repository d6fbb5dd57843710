"""The stored runs of a study: those that were trained with the settings it has."""

from pathlib import Path

from largebatch.records import Artefact, Refusal, canonical_json, glance, read_artefact, remake
from largebatch.study import Run, Study


def read_run(study: Study, run: Run, root: Path) -> Artefact:
    """The verified file of a run; Refusal if it is missing, damaged, or of other settings."""
    artefact = read_artefact(root / run.path, run.path)
    if not _has_settings(study, run, artefact.record):
        reason = "it was trained with other settings"
        raise Refusal(run.path, reason, f"train it again with {remake(run.path)}")
    return artefact


def is_stored(study: Study, run: Run, root: Path = Path(".")) -> bool:
    """Is there a file, and not one of other settings? A damaged one counts: its readers tell."""
    path = root / run.path
    if not path.is_file():
        return False
    try:
        return _has_settings(study, run, glance(path))
    except Refusal:
        return True


def _has_settings(study: Study, run: Run, record: dict) -> bool:
    return canonical_json(record.get("settings")) == canonical_json(study.spec(run))
