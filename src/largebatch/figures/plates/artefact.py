"""A table and its pictures, side by side: <name>.parquet, .pdf, .svg, .png and .json."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from largebatch.figures.pictures import Picture, write_pictures
from largebatch.records import make_record, read_artefact, write_table


def write_artefact(
    name: str,
    table: pa.Table,
    picture: Picture,
    root: Path,
    *,
    steps: tuple[str, str],
    settings: dict,
    started: float,
    inputs: Sequence[dict] = (),
    **facts,
) -> None:
    """Write `name` (results/<study>/...) below `root`.

    steps: those of the table and of its pictures, as in `code_digest`. settings: all else that both
    depend on except `inputs`, which are given as records name them. started: seconds since the
    epoch. facts: further facts for the table's record.
    """
    (table_step, picture_step), table_name = steps, f"{name}.parquet"
    record = make_record(
        "table",
        table_name,
        inputs=list(inputs),
        step=table_step,
        settings=settings,
        started=started,
        root=root,
        **facts,
    )
    write_table(root / table_name, table, record)
    source = read_artefact(root / table_name, table_name)
    write_pictures(name, source, picture, picture_step, settings, root)
