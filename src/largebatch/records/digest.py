"""SHA-256 of values, files and tables, independent of how they happen to be stored."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

STRINGS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
)
TIMING_COLUMNS = frozenset({"seconds"})  # these differ between honest repetitions of one run


def canonical_json(value: object) -> str:
    """The JSON text of `value` with sorted keys, no spaces, ASCII; refuses NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256 of `content`."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return sha256(canonical_json(value).encode())


def file_digest(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def table_digest(table: pa.Table) -> str:
    """SHA-256 of a table's schema and values: what it says, not how it is stored.

    Chunking, slicing and compression do not change it; any other value, null, type, column name,
    column order or row order does. Timing columns (`seconds`) and schema metadata are left out.
    Columns may be numbers, booleans, strings or bytes; nested types raise TypeError.
    """
    scientific = [name for name in table.column_names if name not in TIMING_COLUMNS]
    return _columns_digest(table.select(scientific))


def timing_digest(table: pa.Table) -> str:
    """SHA-256 of the columns that `table_digest` leaves out."""
    return _columns_digest(table.select([n for n in table.column_names if n in TIMING_COLUMNS]))


def _columns_digest(table: pa.Table) -> str:
    """SHA-256 of every column of `table`, in order."""
    total = hashlib.sha256(f"{table.num_rows} rows\n".encode())
    for field, column in zip(table.schema, table.columns, strict=True):
        for part in (field.name.encode(), _type_name(field).encode(), *_column_parts(column)):
            total.update(len(part).to_bytes(8, "little"))  # parts cannot run into each other
            total.update(part)
    return total.hexdigest()


def _type_name(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"


def _column_parts(column: pa.ChunkedArray) -> Iterator[bytes]:
    """The validity bits (empty if no value is null), then the values, with nulls as zero."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return
    valid = bits(array, 0)
    yield b"" if valid.all() else np.packbits(valid).tobytes()
    yield from _value_parts(array, valid)


def _value_parts(array: pa.Array, valid: np.ndarray) -> Iterator[bytes]:
    """The values, read from the buffers: pyarrow's own conversions import pandas (0.65 s)."""
    kind = array.type
    if pa.types.is_boolean(kind):
        yield np.packbits(bits(array, 1) & valid).tobytes()
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        width = kind.bit_width // 8
        values = np.frombuffer(array.buffers()[1] or b"", np.uint8).reshape(-1, width)
        values = values[array.offset : array.offset + len(array)]
        yield (values if valid.all() else values * valid[:, None]).tobytes()
    elif any(is_kind(kind) for is_kind in STRINGS):
        pieces = [piece or b"" for piece in array.cast(pa.large_binary()).to_pylist()]
        yield np.array([len(piece) for piece in pieces], "<i8").tobytes()
        yield b"".join(pieces)
    else:
        raise TypeError(f"a table with a column of type {kind} has no digest here")


def bits(array: pa.Array, buffer: int) -> np.ndarray:
    """One of an array's bitmaps as booleans; all true if the array has none."""
    bitmap = array.buffers()[buffer]
    if bitmap is None:
        return np.ones(len(array), bool)
    unpacked = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return unpacked[array.offset : array.offset + len(array)].astype(bool)
