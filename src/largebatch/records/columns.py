"""Build Arrow columns without pandas.

Where pandas is installed, `pyarrow.array` imports it to ask whether it was given one of its
objects. That takes 0.65 s of a process that may live for three.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def column(values: Sequence[float | int | None], kind: pa.DataType) -> pa.Array:
    """An array of the fixed-width numeric type `kind`; None becomes null."""
    known = np.array([value is not None for value in values], dtype=bool)
    numbers = np.array([0 if value is None else value for value in values])
    data = pa.py_buffer(numbers.astype(kind.to_pandas_dtype()).tobytes())
    validity = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, len(known), [validity, data])
