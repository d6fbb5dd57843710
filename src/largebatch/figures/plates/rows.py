"""Rows of a plate's table."""

import pyarrow as pa
import pyarrow.compute as pc


def rows_of(table: pa.Table, **which: object) -> pa.Table:
    """The rows whose columns equal `which`; a value of None asks for null."""
    for column, value in which.items():
        field = pc.field(column)
        table = table.filter(field.is_null() if value is None else field == value)
    return table


def distinct(table: pa.Table, *columns: str) -> list:
    """The values of a column, or tuples of several, in the order of the table."""
    values = [table[column].to_pylist() for column in columns]
    return list(dict.fromkeys(values[0] if len(values) == 1 else zip(*values, strict=True)))
