"""What docs/gpu.md and README.md show is in the committed tables, to the digits shown."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
GPU, README = (ROOT / "docs/gpu.md").read_text(), (ROOT / "README.md").read_text()
KINDS = {"WRN-16-4": "wrn", "auto-encoder": "autoencoder", "LSTM": "lstm"}
STEPS = {  # column of the first table: precision (None: the row's) and contender
    "eager": (None, "eager"),
    "alone, PyTorch's kernels": (None, "alone, kernels off"),
    "alone": (None, "alone"),
    "packed, PyTorch's kernels": (None, "packed, kernels off"),
    "packed": (None, "packed"),
    "packed, TF32": ("tf32", "packed"),
    "packed, FP32": ("fp32", "packed"),
}
GAINS = "auto-encoder, B = 1"  # a column of the README's table
PEERS = {  # column of the third table: contender
    "plain loop": "plain",
    "compiled": "compile",
    "compiled, graphs": "compile, graphs",
    "largebatch, one run": "largebatch",
    "torch.func.vmap": "vmap",
    "largebatch, packed": "largebatch, packed",
}


def measured(name: str) -> list[dict]:
    return pq.read_table(ROOT / f"benchmarks/measured/{name}-h200.parquet").to_pylist()


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


def agrees(shown: str, value: float) -> bool:
    decimals = len(shown.partition(".")[2])
    return abs(float(shown.replace(",", "")) - value) <= 0.5001 * 10**-decimals


def of_workload(rows: list[dict], workload: str) -> list[dict]:
    """`WRN-16-4, B=32` is `wrn B=32 (fig. 1, 3)`; of like ones the first that was measured."""
    network, batch = workload.split(", ")
    return [row for row in rows if row["workload"].startswith(f"{KINDS[network]} {batch} (")]


@pytest.mark.parametrize("row", table(GPU, "of roofline"), ids=lambda row: row["workload"])
def test_steps(row):
    there = of_workload(measured("gpu"), row["workload"])
    for column, (precision, contender) in STEPS.items():
        if not (shown := numbers(row[column])):
            continue
        us, *lanes = shown
        found = [
            one
            for one in there
            if one["precision"] == (precision or row["precision"].lower())
            and one["contender"] == contender
            and (not lanes or one["lanes"] == int(lanes[0]))
        ]
        assert found and agrees(us, found[0]["us a run-step"]), column
        if column == "packed":
            assert agrees(*numbers(row["of roofline"]), 100 * found[0]["of roofline"])


def test_hours():
    there = {row["workload"]: row for row in measured("gpu-hours")}
    for row in table(GPU, "fastest"):
        network, _, rest = row["workload"].partition(", ")
        name = f"{KINDS[network]} {rest.replace('figs', 'fig')}" if rest else "these together"
        found = there.pop(name)
        for column in ("eager", "alone", "fastest"):
            assert agrees(row[column], found[f"h {column}"]), (name, column)
    assert not there


@pytest.mark.parametrize(
    "row", table(GPU, "torch.func.vmap"), ids=lambda r: f"{r['workload']} {r['precision']}"
)
def test_peers(row):
    there = {
        one["contender"]: one
        for one in of_workload(measured("peers"), row["workload"])
        if one["precision"] == row["precision"].lower()
    }
    packed = there["largebatch, packed"]["us a run-step"]
    assert {name for name, one in PEERS.items() if row[name]} == {
        name for name, one in PEERS.items() if one in there
    }
    for column, contender in PEERS.items():
        if not row[column]:
            continue
        found, (us, *more) = there[contender], numbers(row[column])
        assert agrees(us, found["us a run-step"]), column
        if column not in ("largebatch, one run", "largebatch, packed"):
            assert agrees(more.pop(0), found["us a run-step"] / packed), column
        assert not more or int(more[0]) == found["lanes"], column


def test_gains_in_the_readme():
    """Its three workloads; of compiled ones the faster."""
    gains: dict[str, list[float]] = {"plain": [], "compile": [], "alone": []}
    for workload in ("auto-encoder, B=1", "LSTM, B=1", "WRN-16-4, B=32"):
        rows = of_workload(measured("peers"), workload)
        us = {row["contender"]: row["us a run-step"] for row in reversed(rows)}
        packed = us["largebatch, packed"]
        gains["plain"].append(us["plain"] / packed)
        gains["compile"].append(min(us["compile"], us["compile, graphs"]) / packed)
        gains["alone"].append(us["largebatch"] / packed)
    rows = [[numbers(cell)[0] for cell in list(row.values())[1:]] for row in table(README, GAINS)]
    for shown, found in zip(rows[1:], gains.values(), strict=True):
        assert all(map(agrees, shown, found))
    hours = measured("gpu-hours")[-1]
    said = re.search(r"take ([\d.]+) hours .*? (\d+) one at a\s+time", README, re.DOTALL)
    assert agrees(said[1], hours["h fastest"]) and agrees(said[2], hours["h alone"])
