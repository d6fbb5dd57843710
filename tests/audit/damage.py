"""Damage that tests do to files: numbers or records are changed, everything else is kept."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from largebatch.records import canonical_json, read_record


def change_numbers(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Put another table under the same footer."""
    file = pq.ParquetFile(path)
    table = change(file.read().replace_schema_metadata(None))
    footer = {k: v for k, v in file.metadata.metadata.items() if k != b"ARROW:schema"}
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(footer)


def change_record(path: Path, **fields: object) -> None:
    """Change facts in the footer, and keep the numbers."""
    edited = canonical_json(read_record(path) | fields).encode()
    file = pq.ParquetFile(path)
    footer = {**file.metadata.metadata, b"largebatch.record": edited}
    pq.write_table(file.read().replace_schema_metadata(footer), path)


def one_float(table: pa.Table) -> pa.Table:
    """Change one number by very little."""
    name = "test_loss" if "test_loss" in table.column_names else "mean"
    values = table[name].to_pylist()
    values[2] += 1e-15
    index = table.column_names.index(name)
    return table.set_column(index, table.schema.field(index), pa.array(values))


def repeat_a_row(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(1, 1)])


def swap(one: Path, other: Path) -> None:
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def change_pixel(path: Path) -> None:
    """Make one pixel a shade darker, and keep the picture's metadata."""
    with Image.open(path) as image:
        kept = PngInfo()
        for key, value in image.text.items():
            kept.add_text(key, value)
        first, *others = image.getpixel((5, 5))
        image.putpixel((5, 5), (first - 1, *others))
        image.save(path, pnginfo=kept)


def strip_metadata(path: Path) -> None:
    with Image.open(path) as image:
        image.load()
        image.save(path)


def with_number(table: pa.Table, column: str, epoch: int, number: float | None) -> pa.Table:
    """The table with another number at one place, or with none."""
    place, numbers = table.column_names.index(column), table[column].to_pylist()
    numbers[epoch] = number
    return table.set_column(place, column, pa.array(numbers, table.schema.field(place).type))


def nudged(table: pa.Table) -> pa.Table:
    first, *others = table["test_loss"].to_pylist()
    place = table.column_names.index("test_loss")
    return table.set_column(place, "test_loss", pa.array([first, *(v * 1.01 for v in others)]))
