"""Where measurements are stored, and their columns; torch-free, for claims and the Snakefile."""

from collections.abc import Set
from pathlib import Path

import pyarrow as pa

from largebatch.records import Artefact, read_artefact
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
        ("probe_batch", pa.int64()),  # size of the minibatches measured on; null: no one size
        ("normalization", pa.string()),  # batch, ghost or none; null: the model has none to vary
    ]
)


def measured_files(
    study: Study, root: Path = Path("."), asked: Set[str] = frozenset()
) -> list[str]:
    """Tables of the measurements of the study's figures that exist or are about to be made.

    asked: targets of the same Snakemake call; the target `measured` makes all of the tables.
    """
    names = [f"results/{study.name}/measured/{figure}.parquet" for figure in study.figures]
    if "measured" in asked:
        return names
    return [name for name in names if name in asked or (root / name).is_file()]


def read_measured(study: Study, root: Path) -> dict[str, Artefact]:
    """The existing tables, verified, by name; Refusal if one is damaged or of other settings."""
    return {
        name: read_artefact(root / name, name, study.figure_settings(Path(name).stem))
        for name in measured_files(study, root)
    }
