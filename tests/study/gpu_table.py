"""What was measured on a GPU, for the tables in study/ that are taken from it."""

from pathlib import Path

import pyarrow.parquet as pq

FILE = Path(__file__).parents[2] / "benchmarks/measured/gpu-h200.parquet"
ROWS = pq.read_table(FILE).to_pylist()


def kind_and_batch(workload: str) -> tuple[str, int]:
    """`wrn B=32 (fig. 1, 3)` is ("wrn", 32)."""
    kind, batch = workload.split(" (")[0].split(" B=")
    return kind, int(batch)
