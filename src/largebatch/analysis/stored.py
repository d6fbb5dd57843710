"""The stored runs of a study: those that were trained with the settings it has."""

from pathlib import Path

from largebatch.records import Artefact, Refusal, glance, has_settings, read_artefact, remake
from largebatch.study import Run, Study


def read_run(study: Study, run: Run, root: Path) -> Artefact:
    """The verified file of a run; Refusal if it is missing, damaged, or of other settings."""
    artefact = read_artefact(root / run.path, run.path)
    if not has_settings(artefact.record, study.spec(run)):
        reason = "it was trained with other settings"
        raise Refusal(run.path, reason, f"train it again with {remake(run.path)}")
    return artefact


def is_stored(study: Study, run: Run, root: Path = Path(".")) -> bool:
    """Is there a file, not of other settings? A damaged one counts: its readers report it."""
    path = root / run.path
    if not path.is_file():
        return False
    try:
        return has_settings(glance(path), study.spec(run))
    except Refusal:
        return True
