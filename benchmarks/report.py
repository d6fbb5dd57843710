"""What every benchmark ends with: a table on the screen, and the same rows in Parquet."""

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from largebatch.records import hardware

RESULTS = Path("results/benchmarks")


def show(rows: list[dict]) -> None:
    """Print rows of equal keys as a table, numbers to four digits."""
    cells = [[_text(value) for value in row.values()] for row in rows]
    header = list(rows[0])
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    for line in [header, *cells]:
        print("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)))


def save(name: str, rows: list[dict], command: str) -> Path:
    """Write results/benchmarks/<name>.parquet with hardware, date and command in the footer."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    facts = {"date": time.strftime("%Y-%m-%d"), "command": command, "hardware": str(hardware())}
    table = pa.Table.from_pylist(rows).replace_schema_metadata(facts)
    path = RESULTS / f"{name}.parquet"
    pq.write_table(table, path)
    return path


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
