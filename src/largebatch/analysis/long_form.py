"""The table of a figure: its columns (a contract) and its reader."""

from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa

from largebatch.records import Artefact, column, read_artefact
from largebatch.study import Study

SCHEMA = pa.schema(
    [
        ("panel", pa.string()),
        ("metric", pa.string()),
        ("optimizer", pa.string()),
        ("momentum", pa.float64()),
        ("batch", pa.int64()),
        ("effective_lr", pa.float64()),
        ("epoch", pa.int32()),
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int32()),
        ("diverged", pa.int32()),
    ]
)


def read_figure_table(study: Study, figure: str, root: Path) -> Artefact:
    """The verified table of a figure.

    Raises UserError if there is no such figure or no such file, or if the table has other settings.
    """
    path = study.table(study.figure(figure).name)
    return read_artefact(root / path, path, study.figure_settings(figure))


def long_table(rows: list[dict]) -> pa.Table:
    """A table of `rows`, each with all columns of `SCHEMA`.

    It is built from buffers: `Table.from_pylist` imports pandas (see `largebatch.records.column`).
    """
    arrays = [_array([row[field.name] for row in rows], field.type) for field in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _array(values: list, kind: pa.DataType) -> pa.Array:
    return _texts(values) if pa.types.is_string(kind) else column(values, kind)


def _texts(values: list[str]) -> pa.Array:
    pieces = [value.encode() for value in values]
    ends = np.array([0, *accumulate(map(len, pieces))], np.int32)
    buffers = pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(pieces))
    return pa.StringArray.from_buffers(len(values), *buffers)
