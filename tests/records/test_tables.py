"""Files that carry their record: written whole, read only if intact."""

import os
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from largebatch.errors import UserError
from largebatch.records import (
    canonical_json,
    read_artefact,
    read_record,
    read_table,
    read_with_record,
    table_digest,
    write_table,
)
from largebatch.records.tables import RECORD, glance

RECORD_OF_A = {"kind": "run", "name": "results/s/runs/a.parquet", "settings": {"lr": 0.5}}


def run_table(rows: int = 20) -> pa.Table:
    generator = random.Random(rows)
    losses = [generator.random() for _ in range(rows)]
    return pa.table(
        {
            "epoch": pa.array(range(rows), pa.int32()),
            "train_loss": losses,
            "test_accuracy": pa.array([None] * rows, pa.float64()),
            "seconds": losses,
        }
    )


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "a.parquet"
    write_table(file, run_table(), RECORD_OF_A)
    return file


def rewrite(path, *, table=None, footer=None):
    """What somebody with pyarrow could do: change the table or the footer, and keep the other."""
    old = pq.ParquetFile(path)
    metadata = {**old.metadata.metadata, **(footer or {})}
    metadata.pop(b"ARROW:schema")
    table = old.read() if table is None else table
    pq.write_table(table.replace_schema_metadata(metadata), path)


def test_what_was_written_is_read(path):
    table, record = read_with_record(path)
    assert table.equals(run_table()) and table.schema.metadata is None
    assert record == RECORD_OF_A == read_record(path)
    artefact = read_artefact(path, RECORD_OF_A["name"])
    assert artefact.as_input["table"] == table_digest(run_table())
    assert artefact.as_input["name"] == RECORD_OF_A["name"]


def test_the_same_arguments_give_the_same_bytes(path, tmp_path):
    write_table(tmp_path / "b.parquet", run_table(), dict(reversed(RECORD_OF_A.items())))
    assert (tmp_path / "b.parquet").read_bytes() == path.read_bytes()


def test_the_record_digest_binds_record_numbers_and_timings(tmp_path):
    def record_digest(table, record):
        write_table(tmp_path / "x.parquet", table, record)
        return read_artefact(tmp_path / "x.parquet").record_digest

    table = run_table()
    slower = table.set_column(3, "seconds", pa.array([9.0] * table.num_rows))
    digests = {
        record_digest(table, RECORD_OF_A),
        record_digest(slower, RECORD_OF_A),
        record_digest(table.slice(1), RECORD_OF_A),
        record_digest(table, RECORD_OF_A | {"kind": "table"}),
    }
    assert len(digests) == 4


@pytest.mark.parametrize("column", ["epoch", "train_loss", "seconds"])
def test_one_changed_number_is_refused(path, column):
    table = pq.ParquetFile(path).read()
    values = table[column].to_pylist()
    values[3] += 1
    index = table.schema.get_field_index(column)
    field = table.schema.field(index)
    rewrite(path, table=table.set_column(index, field, pa.array(values, field.type)))
    with pytest.raises(UserError, match=r"a\.parquet.*snakemake"):
        read_table(path)


def test_duplicated_rows_are_refused(path):
    table = pq.ParquetFile(path).read()
    rewrite(path, table=pa.concat_tables([table, table.slice(5, 1)]))
    with pytest.raises(UserError, match="numbers are not the ones recorded"):
        read_table(path)


def test_an_edited_record_alone_is_refused(path):
    edited = RECORD_OF_A | {"settings": {"lr": 0.25}}
    rewrite(path, footer={RECORD.encode(): canonical_json(edited).encode()})
    with pytest.raises(UserError, match="record or its timings were changed"):
        read_record(path)


def test_a_footer_exchanged_with_another_file_is_refused(path, tmp_path):
    other = tmp_path / "b.parquet"
    write_table(other, run_table(21), RECORD_OF_A | {"name": "b"})
    rewrite(path, footer={k: v for k, v in pq.ParquetFile(other).metadata.metadata.items()})
    with pytest.raises(UserError):
        read_table(path)


def test_a_file_in_the_place_of_another_is_refused(path):
    with pytest.raises(UserError, match=r"it belongs to results/s/runs/a\.parquet"):
        read_table(path, name="results/s/runs/b.parquet")


def test_a_column_of_a_foreign_type_is_refused(path):
    """One flipped bit in the schema turns a column of integers into one of dates."""
    for name in ("epoch", "seconds"):
        table = run_table()
        dates = pa.array(range(len(table)), pa.int32()).cast(pa.date32())
        at = table.column_names.index(name)
        rewrite(path, table=table.set_column(at, name, dates))
        with pytest.raises(UserError, match="truncated or damaged"):
            read_artefact(path)
        write_table(path, run_table(), RECORD_OF_A)


def test_a_foreign_missing_or_truncated_file_is_refused(path, tmp_path):
    pq.write_table(run_table(), tmp_path / "foreign.parquet")
    with pytest.raises(UserError, match=r"largebatch\.record"):
        read_table(tmp_path / "foreign.parquet")
    with pytest.raises(UserError, match="does not exist"):
        read_table(tmp_path / "missing.parquet")
    content = path.read_bytes()
    for kept in (0, 3, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:kept])
        with pytest.raises(UserError, match="truncated or damaged"):
            read_table(path)


def test_no_single_flipped_byte_changes_what_is_read(path):
    """Every byte of the file, one flip each: refused, or table and record are what they were."""
    content = path.read_bytes()
    generator = random.Random(1)
    refused = 0
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << generator.randrange(8)
        path.write_bytes(flipped)
        try:
            table, record = read_with_record(path)
        except UserError:
            refused += 1
        else:
            assert table.equals(run_table()) and record == RECORD_OF_A
    assert refused > len(content) / 2


def test_a_failed_write_leaves_the_old_file_and_no_other(path, tmp_path):
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_table(path, run_table(), {"name": object()})
    with pytest.raises(TypeError):
        write_table(path, pa.table({"a": [[1]]}), RECORD_OF_A)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.parquet"]


def test_writing_and_reading_import_no_pandas(tmp_path):
    """Importing pandas takes 0.65 s, and a training process may last only three."""
    script = (
        "import sys, pyarrow as pa\n"
        "from largebatch.records import column, read_table, write_table\n"
        "numbers, truth = column([1.0, None], pa.float64()), column([1, 2], pa.int32())\n"
        "write_table(sys.argv[1], pa.table({'a': numbers, 'b': truth}), {'name': 'x'})\n"
        "assert read_table(sys.argv[1])['b'].null_count == 0\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path / "x.parquet"], check=True)


def test_a_record_that_is_none_is_refused(path, tmp_path):
    assert glance(path) == RECORD_OF_A
    rewrite(path, footer={RECORD.encode(): b"[1]"})
    with pytest.raises(UserError, match=r"a\.parquet: it has no record of what made it"):
        glance(path)
    write_table(path, run_table(), ["sealed, and no record"])
    with pytest.raises(UserError, match=r"a\.parquet: it has no record of what made it"):
        read_artefact(path)
    plain = tmp_path / "plain.parquet"
    pq.write_table(run_table(), plain)
    with pytest.raises(UserError, match=f"no record of what made it; .* run `snakemake {plain}`"):
        glance(plain)
    plain.write_bytes(b"PAR1")
    with pytest.raises(UserError, match="truncated or damaged"):
        glance(plain)
