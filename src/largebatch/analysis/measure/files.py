"""Where measurements lie, and their columns; claims and a Snakefile ask too, so no torch."""

from collections.abc import Set
from pathlib import Path

import pyarrow as pa

from largebatch.records import Artefact, Refusal, has_settings, read_artefact, remake
from largebatch.study import Study

SCHEMA = pa.schema(
    [
        ("quantity", pa.string()),
        ("task", pa.string()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("effective_lr", pa.float64()),
        ("seed", pa.int64()),
        ("epoch", pa.int32()),
        ("value", pa.float64()),
        ("probe_batch", pa.int64()),  # of the minibatches measured on; null: not one size
        ("normalization", pa.string()),  # batch, ghost or none; null: a model that has none to vary
    ]
)


def measured_files(
    study: Study, root: Path = Path("."), asked: Set[str] = frozenset()
) -> list[str]:
    """The measurements of the study's figures that exist, or are to come: tables.

    asked: targets of the same Snakemake, of which `measured` makes all of them.
    """
    names = [f"results/{study.name}/measured/{figure}.parquet" for figure in study.figures]
    if "measured" in asked:
        return names
    return [name for name in names if name in asked or (root / name).is_file()]


def read_measured(study: Study, root: Path) -> dict[str, Artefact]:
    """The same, verified, by name; Refusal of one that is damaged, or of other settings."""
    return {name: _read(study, root, name) for name in measured_files(study, root)}


def _read(study: Study, root: Path, name: str) -> Artefact:
    artefact = read_artefact(root / name, name)
    if not has_settings(artefact.record, study.figure_settings(Path(name).stem)):
        raise Refusal(name, "it was measured with other settings", f"run {remake(name)}")
    return artefact
