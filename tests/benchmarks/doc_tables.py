"""Tables of the docs, and the committed tables that they are made of."""

import re
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
KINDS = {"WRN-16-4": "wrn", "auto-encoder": "autoencoder", "LSTM": "lstm"}


def page(name: str) -> str:
    return (ROOT / name).read_text()


def measured(name: str, machine: str = "h200") -> list[dict]:
    return pq.read_table(ROOT / f"benchmarks/measured/{name}-{machine}.parquet").to_pylist()


def table(text: str, column: str) -> list[dict[str, str]]:
    """The rows of the table that has this column."""
    lines = text[text.index(f"| {column} |") :].splitlines()
    start = text[: text.index(f"| {column} |")].rpartition("\n")[2]
    lines[0] = start + lines[0]
    cells = [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in lines[: next(i for i, line in enumerate(lines) if not line.startswith("|"))]
    ]
    header, _, *rows = cells
    return [dict(zip(header, row, strict=True)) for row in rows]


def numbers(cell: str) -> list[str]:
    return re.findall(r"[\d,]*\d(?:\.\d+)?", cell)


def value(shown: str) -> float:
    return float(shown.replace(",", ""))


def rounding(shown: str) -> float:
    return 0.5001 * 10 ** -len(shown.partition(".")[2])


def agrees(shown: str, found: float) -> bool:
    return abs(value(shown) - found) <= rounding(shown)


def of_workload(rows: list[dict], workload: str) -> list[dict]:
    """The rows of a workload, all of them: `WRN-16-4, B=32` is `wrn B=32 (fig. 1, 3)`."""
    network, batch = workload.split(", ")
    return [row for row in rows if row["workload"].startswith(f"{KINDS[network]} {batch} (")]
