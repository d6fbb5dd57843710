"""Digests of tables: what they must see, and what they must not."""

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from largebatch.records.digest import canonical_json, table_digest

FLOATS = st.one_of(st.none(), st.floats(allow_nan=False))
VALUES = {
    pa.float64(): FLOATS,
    pa.int32(): st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
    pa.int64(): st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    pa.bool_(): st.one_of(st.none(), st.booleans()),
    pa.string(): st.one_of(st.none(), st.text(max_size=5)),
    pa.binary(): st.one_of(st.none(), st.binary(max_size=5)),
}


@st.composite
def tables(draw, min_rows=0):
    rows = draw(st.integers(min_rows, 8))
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4))
    columns = [
        pa.array(draw(st.lists(VALUES[kind], min_size=rows, max_size=rows)), kind) for kind in kinds
    ]
    return pa.table(columns, names=[f"c{i}" for i in range(len(kinds))])


@st.composite
def changed(draw):
    """A table, and the same table with one value changed (in at least one bit)."""
    table = draw(tables(min_rows=1))
    column = draw(st.integers(0, table.num_columns - 1))
    row = draw(st.integers(0, table.num_rows - 1))
    field, values = table.schema.field(column), table.column(column).to_pylist()
    old = values[row]
    values[row] = draw(VALUES[field.type].filter(lambda new: repr(new) != repr(old)))
    return table, table.set_column(column, field, pa.array(values, field.type))


@given(changed())
def test_any_change_of_a_value_or_null_changes_the_digest(pair):
    assert table_digest(pair[0]) != table_digest(pair[1])


@given(tables(), st.data())
def test_chunks_and_slices_do_not_change_the_digest(table, data):
    cut = data.draw(st.integers(0, table.num_rows))
    chunked = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    padded = pa.concat_tables([table, table, table]).combine_chunks()
    assert table_digest(chunked) == table_digest(table)
    assert table_digest(padded.slice(table.num_rows, table.num_rows)) == table_digest(table)


def test_no_chunks_are_no_rows():
    for kind in VALUES:
        none = pa.table({"a": pa.chunked_array([], kind)})
        assert table_digest(none) == table_digest(pa.table({"a": pa.array([], kind)}))
    one, two = (pa.table({"a": pa.nulls(rows)}) for rows in (1, 2))
    assert table_digest(one) != table_digest(two)  # though they hold nothing


@given(tables(min_rows=2), st.data())
def test_the_order_of_rows_counts(table, data):
    order = data.draw(st.permutations(range(table.num_rows)))
    moved = table.take(order)
    assert (table_digest(moved) == table_digest(table)) == (repr(moved) == repr(table))


def test_names_types_order_and_nullability_count():
    table = pa.table({"a": pa.array([1, 2], pa.int64()), "b": pa.array([3, 4], pa.int64())})
    strict = pa.schema([pa.field("a", pa.int64(), nullable=False), pa.field("b", pa.int64())])
    others = [
        table.rename_columns(["a", "c"]),
        table.rename_columns(["b", "a"]),
        table.select(["b", "a"]),
        table.select(["a"]),
        table.slice(0, 1),
        table.cast(strict),
        table.set_column(1, "b", table["b"].cast(pa.int32())),
        table.set_column(1, "b", table["b"].cast(pa.uint64())),
    ]
    assert len({table_digest(other) for other in [table, *others]}) == len(others) + 1


def test_text_cannot_move_between_neighbours():
    one = pa.table({"a": ["ab", "c"]})
    other = pa.table({"a": ["a", "bc"]})
    assert table_digest(one) != table_digest(other)


def test_null_nan_zero_and_minus_zero_differ():
    values = [None, float("nan"), 0.0, -0.0]
    tables = [
        pa.table({"a": pa.array([value], pa.float64(), from_pandas=False)}) for value in values
    ]
    assert len({table_digest(table) for table in tables}) == 4


def test_values_under_a_null_do_not_count():
    mask = np.array([True, False])
    one = pa.table({"a": pa.array(np.array([1.0, 2.0]), mask=mask)})
    other = pa.table({"a": pa.array(np.array([0.1, 2.0]), mask=mask)})
    assert table_digest(one) == table_digest(other)
    second = pa.py_buffer(b"\x02")  # the first of the two values is null
    true, false = (
        pa.table({"a": pa.Array.from_buffers(pa.bool_(), 2, [second, pa.py_buffer(bits)])})
        for bits in (b"\x03", b"\x02")
    )
    assert table_digest(true) == table_digest(false)


def test_seconds_and_metadata_do_not_count():
    table = pa.table({"a": [1.0], "seconds": [2.0]})
    later = pa.table({"a": [1.0], "seconds": [3.0]}).replace_schema_metadata({"who": "me"})
    assert table_digest(table) == table_digest(later)


def test_a_dictionary_column_is_read_by_value():
    plain = pa.array(["x", "y", "x"])
    one = pa.table({"a": plain.dictionary_encode()})
    other = pa.table(
        {"a": pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.int32()), ["y", "x"])}
    )
    assert table_digest(one) == table_digest(other)


def test_nested_columns_are_refused():
    with pytest.raises(TypeError, match="list"):
        table_digest(pa.table({"a": [[1, 2]]}))


def test_canonical_json_has_one_spelling_and_no_nan():
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'
    with pytest.raises(ValueError):
        canonical_json({"a": float("nan")})
