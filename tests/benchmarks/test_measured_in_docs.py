"""What README.md and docs/gpu.md show is in the committed tables, to the digits shown."""

import re

import pytest
from doc_tables import KINDS, agrees, measured, numbers, of_workload, page, table, value

GPU, README = page("docs/gpu.md"), page("README.md")
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


def test_scatter():
    """One network at one batch, measured as figure 2's and once more as figure 5's.

    `gpu.py` now measures it once, and copies the rows. Copies show no scatter: a table that has
    them needs another sentence in docs/gpu.md.
    """
    cases = ("precision", "contender", "lanes")
    one, other = (
        {
            tuple(row[c] for c in cases): row["us a run-step"]
            for row in measured("gpu")
            if fig in row["workload"]
        }
        for fig in ("(fig. 2,", "(fig. 5)")
    )
    both = one.keys() & other.keys()
    shown = re.search(r"batch 1024 and differ\s+by under (\d+) %", GPU)[1]
    apart = [abs(other[k] / one[k] - 1) for k in both]
    assert len(both) > 1 and min(apart) > 0 and max(apart) < value(shown) / 100


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
