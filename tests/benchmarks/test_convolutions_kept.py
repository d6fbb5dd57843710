"""The tables of benchmarks/convolutions.py are added to, by rows that there are."""

import math
import sys

import convolutions
import torch
from conv import measure_layers, measure_steps
from parts.kept import read


def test_where_every_contender_fails_there_is_no_group(monkeypatch):
    monkeypatch.setattr(measure_layers, "_rows", lambda *_: [])
    extent = convolutions.little()
    device = torch.device("cpu")
    assert not list(measure_layers.groups(extent, extent.first, device, math.inf, []))


def test_a_later_call_keeps_what_it_does_not_measure(monkeypatch, tmp_path):
    layer = next(iter(convolutions.little().layers)).name

    calls = []

    def of_layers(extent, packs, *_):
        (pack,) = packs
        row = dict(zip(convolutions.LAYER, (*pack, layer, "forward", "joint", ""), strict=True))
        yield [row | {"us a lane": float(len(calls))}]

    def of_steps(*_):
        name = ("joint", "branches")[len(calls) - 1]
        yield [{"workload": "wrn", "lanes": 2, "contender": name, "us a run-step": 1.0}]

    monkeypatch.setattr(measure_layers, "groups", of_layers)
    monkeypatch.setattr(measure_steps, "groups", of_steps)
    monkeypatch.setattr(sys, "argv", ["convolutions.py", "--small", "--out", str(tmp_path)])
    for call in ("first", "second"):
        calls.append(call)
        assert convolutions.main() == 0
    rows, facts = read("convolutions", tmp_path)
    assert [(row["batch"], row["us a lane"]) for row in rows] == [(2, 2.0), (1, 2.0)]
    steps, _ = read("convolution-steps", tmp_path)
    assert {row["contender"] for row in steps} == {"joint", "branches"}
    assert facts["command"].startswith("convolutions.py --small")
