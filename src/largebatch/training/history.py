"""The numbers of a run: one row per epoch, row 0 before training."""

from dataclasses import astuple, dataclass

import pyarrow as pa

from largebatch.records import column

SCHEMA = pa.schema(
    [
        ("epoch", pa.int32()),
        ("step", pa.int64()),
        ("learning_rate", pa.float64()),
        ("train_loss", pa.float64()),
        ("test_loss", pa.float64()),
        ("train_accuracy", pa.float64()),
        ("test_accuracy", pa.float64()),
        ("seconds", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Row:
    """One epoch of one run.

    step: updates so far. learning_rate: the raw e of the epoch (row 0: that of the first epoch),
    not corrected for bias.
    train_*: means over the epoch's minibatches as trained, without L2; null in row 0.
    test_*: after the epoch. *_accuracy: null where the task has none. seconds: wall time of the
    epoch in the pack that trained it.
    """

    epoch: int
    step: int
    learning_rate: float
    train_loss: float | None
    test_loss: float
    train_accuracy: float | None
    test_accuracy: float | None
    seconds: float


def to_table(rows: list[Row]) -> pa.Table:
    """The rows as the table of a run's file, with the columns of `SCHEMA`."""
    columns = zip(*(astuple(row) for row in rows), strict=True)
    arrays = [column(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
