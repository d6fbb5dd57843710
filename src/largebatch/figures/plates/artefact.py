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

    steps: of `code_digest`, of the table and of its pictures. settings: all else that they depend
    on but `inputs`, which are named as records name them. started: seconds since the epoch. facts:
    more for the table's record.
    """

    steps: tuple[str, str]
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
    table_name, (table_step, picture_step) = f"{name}.parquet", origin.steps
    made = {"inputs": origin.inputs, "started": origin.started, **origin.facts}
    record = _record("table", table_name, table_step, origin.settings, root, **made)
    write_table(root / table_name, table, record)
    source, started = read_artefact(root / table_name, table_name), time.time()
    plot_code = code_digest(picture_step)["digest"]
    own_identity = identity(short_name(name), source.table_digest, plot_code, origin.settings)
    with private_style():
        contents = picture_bytes(picture(source.table), mark(own_identity))
    paths = {ending: root / f"{name}.{ending}" for ending in contents}
    for ending, content in contents.items():
        write_bytes(paths[ending], content)
    made = {"inputs": [source.as_input], "started": started}
    record = _record("figure", name, picture_step, origin.settings, root, **made)
    write_sidecar(root / f"{name}.json", record, own_identity, paths.values())
    return paths


def _record(kind: str, name: str, step: str, settings: dict, root: Path, **made) -> dict:
    about = {"step": step, "settings": settings, "finished": time.time(), "status": "finished"}
    return make_record(kind, name, root=root, **about, **made)
