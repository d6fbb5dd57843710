"""The stored runs of a study: those that were trained with the settings it has."""

from pathlib import Path

from largebatch.records import Artefact, Refusal, glance, has_settings, read_artefact
from largebatch.study import Run, Study


def read_run(study: Study, run: Run, root: Path) -> Artefact:
    """The verified file of a run; Refusal if it is missing, damaged, or of other settings."""
    return read_artefact(root / run.path, run.path, study.spec(run))


def is_stored(study: Study, run: Run, root: Path = Path(".")) -> bool:
    """Is there a file, not of other settings? A damaged one counts: its readers report it."""
    path = root / run.path
    if not path.is_file():
        return False
    try:
        return has_settings(glance(path), study.spec(run))
    except Refusal:
        return True
