"""A table and the pictures of it, side by side: <name>.parquet, .pdf, .svg, .png and .json."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from matplotlib.figure import Figure

from largebatch.figures.pictures import picture_bytes
from largebatch.figures.style import private_style
from largebatch.records import (
    code_digest,
    identity,
    make_record,
    mark,
    read_artefact,
    short_name,
    write_bytes,
    write_sidecar,
    write_table,
)


@dataclass(frozen=True)
class Origin:
    """What a table and its pictures were made of.

    step: of `code_digest`. settings: all else that they depend on but `inputs`, which are named as
    records name them. started: seconds since the epoch. facts: more for the table's record.
    """

    step: str
    settings: dict
    started: float
    inputs: list[dict] = field(default_factory=list)
    facts: dict = field(default_factory=dict)


def write_artefact(
    name: str, table: pa.Table, picture: Callable[[pa.Table], Figure], origin: Origin, root: Path
) -> dict[str, Path]:
    """Write `name` (results/<study>/...) below `root`; returns the paths of its pictures by ending.

    Equal tables, settings and code give equal pictures, byte for byte.
    """
    table_name = f"{name}.parquet"
    record = _record("table", table_name, origin, origin.inputs, root, **origin.facts)
    write_table(root / table_name, table, record)
    source = read_artefact(root / table_name, table_name)
    own_identity = _identity(name, source.table_digest, origin)
    with private_style():
        contents = picture_bytes(picture(source.table), mark(own_identity))
    paths = {ending: root / f"{name}.{ending}" for ending in contents}
    for ending, content in contents.items():
        write_bytes(paths[ending], content)
    record = _record("figure", name, origin, [source.as_input], root)
    write_sidecar(root / f"{name}.json", record, own_identity, paths.values())
    return paths


def _record(
    kind: str, name: str, origin: Origin, inputs: list[dict], root: Path, **facts: object
) -> dict:
    return make_record(
        kind,
        name,
        inputs=inputs,
        step=origin.step,
        settings=origin.settings,
        started=origin.started,
        finished=time.time(),
        status="finished",
        root=root,
        **facts,
    )


def _identity(name: str, table: str, origin: Origin) -> str:
    """As `records.identity_of` reads it from the sidecar."""
    plot_code = code_digest(origin.step)["digest"]
    return identity(short_name(name), table, plot_code, origin.settings)
