"""What docs/kernels.md and docs/lanes.md show is in the committed tables, to the digits shown."""

import re

from conv.layers import layers
from conv.tables import summary
from doc_tables import agrees, measured, numbers, of_workload, page, rounding, table, value

KERNELS, LANES = page("docs/kernels.md"), page("docs/lanes.md")
README = page("README.md")
CONVOLVED = {"cuDNN, a lane a stream": "branches", "lane_conv": "joint"}
CONVOLVED |= {"the fastest of its tiles": "joint, best tiles"}


def test_convolutions():
    sums = summary(measured("convolutions"), layers(16, 4, 3, 32))
    there = {(str(row["batch"]), str(row["lanes"])): row for row in sums}
    for row in table(KERNELS, "cuDNN, a lane a stream"):
        found = there.pop((row["batch"], row["lanes"]))
        assert all(agrees(row[column], found[name]) for column, name in CONVOLVED.items())
    assert not there


def test_steps_with_either_convolution():
    """`502 and 389 (B=32, 16 lanes), 507 and 418 (8)`: branches and joint, and where."""
    us = {
        (row["workload"].split()[1], row["lanes"], row["contender"]): row["us a run-step"]
        for row in measured("convolution-steps")
    }
    said = KERNELS[KERNELS.index("Whole steps of the same call") :].partition("\n\n")[0]
    shown = re.findall(r"([\d,]+)\s+and\s+([\d,]+)\s+\(([^)]+)\)", said)
    assert len(shown) == 5
    batch = ""
    for branches, joint, where in shown:
        batch, lanes = where.split(", ") if "=" in where else (batch, where)
        key = batch, int(numbers(lanes)[0])
        assert agrees(branches, us[*key, "branches"]) and agrees(joint, us[*key, "joint"]), where


def test_the_recurrence_beside_the_plain_layer():
    rows = of_workload(measured("gpu"), "LSTM, B=1")
    us = {
        (row["contender"], row["lanes"]): row["us a run-step"]
        for row in rows[::-1]
        if row["precision"] == "tf32"
    }
    said = re.search(
        r"([\d,]+) and ([\d,]+) us a run's step in packs of 15, ([\d,]+) and ([\d,]+) alone",
        " ".join(KERNELS.split()),
    )
    cases = ("packed", 15), ("packed, kernels off", 15), ("alone", 1), ("alone, kernels off", 1)
    assert all(agrees(shown, us[case]) for shown, case in zip(said.groups(), cases, strict=True))


SMALL_KINDS = {"WRN-10-1": "wrn", "auto-encoder": "autoencoder", "LSTM": "lstm"}
SMALL = {"`torch.compile`": "compile", "`vmap`": "vmap"}
SMALL |= {"largebatch alone": "largebatch", "packed": "largebatch, packed"}


def test_gains_on_a_cpu():
    """The committed table is one of the three calls: within the extremes shown."""
    for row in table(LANES, "`vmap`"):
        start = SMALL_KINDS[re.split(r"[ ,]", row["small model"])[0]]
        there = {
            one["contender"]: one
            for one in measured("peers", "cpu-small")
            if one["workload"].startswith(start)
        }
        for column, contender in SMALL.items():
            found, (_, _, least, most, *lanes) = there[contender], numbers(row[column])
            gain = there["plain"]["us a run-step"] / found["us a run-step"]
            assert value(least) - rounding(least) <= gain <= value(most) + rounding(most), column
            assert [found["lanes"]] == [int(n) for n in lanes] or found["lanes"] == 1, column


def packs_of(workload: str) -> tuple[dict[str, dict], dict]:
    """Its contenders on a CPU by name, and the best pack among them."""
    there = {r["contender"]: r for r in measured("lanes", "cpu") if r["workload"] == workload}
    packs = [row for name, row in there.items() if name.startswith("pack of")]
    return there, max(packs, key=lambda row: row["times plain"])


def test_packs_on_a_cpu():
    rows = table(LANES, "its gain")
    assert {row["workload"] for row in rows} == {r["workload"] for r in measured("lanes", "cpu")}
    for row in rows:
        there, best = packs_of(row["workload"])
        rate = there["plain PyTorch"]["run-steps per CPU-s"]
        assert agrees(*numbers(row["plain, run-steps per CPU-s"]), rate)
        assert agrees(*numbers(row["one run alone"]), there["alone"]["times plain"])
        assert row["best pack"] == best["contender"]
        found = best["times plain"], best["min"], best["max"]
        assert all(map(agrees, numbers(row["its gain"]), found)), row["workload"]


def test_packs_on_a_cpu_in_the_readme():
    row = table(README, "auto-encoder, B = 1")[0]
    workloads = "autoencoder-64_digits B=1", "lstm-32_markov B=1", "wrn-10-1_digits B=8"
    for shown, workload in zip(list(row.values())[1:], workloads, strict=True):
        assert agrees(numbers(shown)[0], packs_of(workload)[1]["times plain"]), workload
    last = numbers(shown)[2]
    assert agrees(last, packs_of("wrn-10-1_digits B=128")[1]["times plain"])
