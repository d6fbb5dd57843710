"""Where measurements lie; a Snakefile asks too, so it imports nothing heavy."""

from pathlib import Path

from largebatch.records import Artefact, Refusal, has_settings, read_artefact, remake
from largebatch.study import Study


def measured_files(study: Study, root: Path = Path(".")) -> list[str]:
    """The measurements that exist of the study's figures: tables, below the checkout."""
    names = (f"results/{study.name}/measured/{figure}.parquet" for figure in study.figures)
    return [name for name in names if (root / name).is_file()]


def read_measured(study: Study, root: Path) -> dict[str, Artefact]:
    """The same, verified, by name; Refusal of one that is damaged, or of other settings."""
    return {name: _read(study, root, name) for name in measured_files(study, root)}


def _read(study: Study, root: Path, name: str) -> Artefact:
    artefact = read_artefact(root / name, name)
    if not has_settings(artefact.record, study.figure_settings(Path(name).stem)):
        raise Refusal(name, "it was measured with other settings", f"run {remake(name)}")
    return artefact
