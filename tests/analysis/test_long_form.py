"""Tables built from buffers."""

import numpy as np
import pyarrow as pa
import pytest

from largebatch.analysis.long_form import SCHEMA, long_table

EMPTY = dict.fromkeys(SCHEMA.names)
WORDS = {"panel": "sweep", "metric": "ε", "optimizer": ""}
ROWS = [
    {**EMPTY, **WORDS, "mean": 1.5, "n": 3},
    {**EMPTY, **WORDS, "metric": "of another length", "epoch": 7, "std": np.inf},
]


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_they_equal_those_that_arrow_builds(rows):
    table = long_table(rows)
    table.validate(full=True)
    assert table.equals(pa.Table.from_pylist(rows, schema=SCHEMA))
