"""Show rows on the screen and save them on disk, as Parquet, or as JSON where pyarrow is missing.

python benchmarks/rows.py benchmarks/measured/gpu-h200.parquet      print what was measured before
"""

import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

RESULTS = Path("results/benchmarks")


def show(rows: list[dict]) -> None:
    """Print rows of equal keys as a table, numbers to four digits."""
    cells = [[_text(value) for value in row.values()] for row in rows]
    header = list(rows[0])
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    for line in [header, *cells]:
        print("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)), flush=True)


def here() -> dict[str, str]:
    """Date, command and hardware of a measurement, where the locked environment is installed."""
    from largebatch.records import hardware

    return _call() | {"hardware": str(hardware())}


def machine(device: "torch.device") -> dict[str, str]:
    """Date, command and device of a measurement, with PyTorch alone."""
    import torch

    facts = _call() | {"torch": torch.__version__, "python": platform.python_version()}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        facts["device"] = properties.name
        facts["memory_gib"] = f"{properties.total_memory / 2**30:.0f}"
        facts["cuda"] = str(torch.version.cuda)
        facts["cudnn"] = str(torch.backends.cudnn.version())
    else:
        facts["device"] = f"cpu ({platform.machine()}), {torch.get_num_threads()} thread"
    return facts


def _call() -> dict[str, str]:
    return {"date": time.strftime("%Y-%m-%d"), "command": shlex.join(sys.argv)}


def save(name: str, rows: list[dict], facts: dict[str, str], folder: Path = RESULTS) -> Path:
    """Write <folder>/<name>.parquet with the facts in its footer, or .json."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        path = folder / f"{name}.json"
        text = json.dumps({"facts": facts, "rows": rows}, indent=1)
        return _whole(path, lambda place: place.write_text(text))
    path = folder / f"{name}.parquet"
    table = pa.Table.from_pylist(rows).replace_schema_metadata(facts)
    return _whole(path, lambda place: pq.write_table(table, place))


def _whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Write a whole file or none: if a command is cut off, the previous file is kept."""
    beside = path.with_name(f".{path.name}.tmp")
    write(beside)
    os.replace(beside, path)
    return path


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    import pyarrow.parquet as pq

    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("rows.py: name one Parquet file that a benchmark has written.")
    table = pq.read_table(sys.argv[1])
    show(table.to_pylist())
    facts = table.schema.metadata.items()
    print(", ".join(f"{key.decode()}: {value.decode()}" for key, value in facts))


if __name__ == "__main__":
    main()
