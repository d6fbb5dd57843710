"""Parquet files that carry a record of what made them and are verified whenever they are read.

The footer holds three keys:

- `largebatch.record`: what made the file (see `record.py`), canonical JSON;
- `largebatch.table`: the digest of the numbers, without timing columns;
- `largebatch.seal`: the digest of the record, the table digest and the timing columns together,
  so that no part can be changed or exchanged alone. It is the artefact's record digest, by which
  later records name it as an input.

A Parquet file also holds bytes that no reader here uses (statistics). Later records therefore name
the digest of the file's bytes too, so that an audit sees any change.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from largebatch.records.atomic import replacing
from largebatch.records.digest import (
    canonical_json,
    digest_of,
    sha256,
    table_digest,
    timing_digest,
)
from largebatch.records.record import has_settings
from largebatch.records.refusal import Refusal, check_file, check_name, damaged, missing, remake

RECORD, TABLE, SEAL = "largebatch.record", "largebatch.table", "largebatch.seal"
UNREADABLE = (
    pa.ArrowException, OSError, ValueError, KeyError, MemoryError, OverflowError, RecursionError
)  # fmt: skip
DAMAGED = "it is truncated or damaged"
NO_RECORD = "it has no record of what made it"


@dataclass(frozen=True)
class Artefact:
    """A verified file: numbers, record, the two digests that name it, the digest of its bytes."""

    table: pa.Table
    record: dict
    table_digest: str
    record_digest: str
    file_digest: str

    @property
    def as_input(self) -> dict[str, str]:
        """How a later record names this artefact among its inputs."""
        return {
            "name": self.record["name"],
            "table": self.table_digest,
            "record": self.record_digest,
            "file": self.file_digest,
        }


def write_table(path: Path, table: pa.Table, record: dict) -> None:
    """Write `table` and its record, atomically; equal arguments give equal bytes.

    Never write these files through pandas: it drops the footer keys.
    """
    text, numbers = canonical_json(record), table_digest(table)
    footer = {RECORD: text, TABLE: numbers, SEAL: _seal(text, numbers, table)}
    plain = table.replace_schema_metadata(None)
    with (
        replacing(Path(path)) as temporary,
        pq.ParquetWriter(temporary, plain.schema, write_page_checksum=True) as writer,
    ):
        writer.write_table(plain)
        writer.add_key_value_metadata(footer)  # one copy; schema metadata is stored twice


def read_artefact(path: Path, name: str | None = None, settings: dict | None = None) -> Artefact:
    """Everything in `path`, verified against the digests it carries.

    With `name`, it must also be the artefact of that name: a file that was copied or swapped into
    another's place is refused. With `settings`, it must also have been made with these. Raises
    Refusal (a UserError) if anything is missing or mismatched.
    """
    table, footer, file = _load(Path(path))
    for key in (RECORD, TABLE, SEAL):
        if key not in footer:
            raise damaged(path, f"it has no `{key}` in its footer, so nothing can be checked")
    text, numbers, seal = footer[RECORD], footer[TABLE], footer[SEAL]
    try:
        found_numbers, found_seal = table_digest(table), _seal(text, numbers, table)
    except (TypeError, KeyError) as error:  # a column of a type that is never written, or twice
        raise damaged(path, DAMAGED) from error
    if found_numbers != numbers:
        raise damaged(path, "its numbers are not the ones recorded when it was written")
    if found_seal != seal:
        raise damaged(path, "its record or its timings were changed after it was written")
    record = _record(text)
    if record is None:
        raise damaged(path, NO_RECORD)
    if name is not None:
        check_name(path, record, name)
    if settings is not None and not has_settings(record, settings):
        again = f"make it again with {remake(path, '--force')}"  # in a clone it may not know why
        raise Refusal(path, "it was made with other settings", again)
    return Artefact(table, record, numbers, seal, file)


def read_table(path: Path, name: str | None = None) -> pa.Table:
    """The verified table in `path`; see `read_artefact`."""
    return read_artefact(path, name).table


def read_record(path: Path, name: str | None = None) -> dict:
    """The record in `path`, once the whole file is verified; see `read_artefact`."""
    return read_artefact(path, name).record


def read_with_record(path: Path, name: str | None = None) -> tuple[pa.Table, dict]:
    """The verified table and record in `path`; see `read_artefact`."""
    artefact = read_artefact(path, name)
    return artefact.table, artefact.record


def glance(path: Path) -> dict:
    """The record in the footer, without reading the table or verifying anything.

    For a quick look at all runs of a study. Raises Refusal if there is no such footer.
    """
    with _reading(path):
        footer = pq.read_metadata(path).metadata or {}
        record = json.loads(footer.get(RECORD.encode(), "null"))
    if not isinstance(record, dict):
        raise damaged(path, NO_RECORD)
    return record


def _record(text: str) -> dict | None:
    """The record; None if `text` is not the canonical JSON of an object (`1e400` is no number)."""
    try:
        record = json.loads(text)
        intact = isinstance(record, dict) and canonical_json(record) == text
    except (ValueError, RecursionError):
        return None
    return record if intact else None


def _load(path: Path) -> tuple[pa.Table, dict[str, str], str]:
    """The table, the footer's keys, and the SHA-256 of the file's bytes."""
    with _reading(path):
        content = path.read_bytes()
        with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
            footer = file.metadata.metadata or {}
            table = file.read(use_threads=False).replace_schema_metadata(None)
            keys = {key.decode(): value.decode() for key, value in footer.items()}
            return table, keys, sha256(content)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn every error in reading `path` into a Refusal."""
    check_file(path)
    try:
        yield
    except FileNotFoundError:
        raise missing(path) from None
    except UNREADABLE as error:
        raise damaged(path, DAMAGED) from error


def _seal(record: str, numbers: str, table: pa.Table) -> str:
    return digest_of({"record": record, "table": numbers, "timing": timing_digest(table)})
