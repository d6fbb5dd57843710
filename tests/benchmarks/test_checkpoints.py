"""benchmarks/checkpoints.py says how many lanes it measured."""

import sys

import checkpoints
from rows import RESULTS

from largebatch.training.pack import Pack


def test_a_study_may_have_fewer_runs_than_lanes_are_asked_for(monkeypatch, tmp_path, capsys):
    built = []

    def small(lanes, data, device) -> Pack:
        built.append(len(lanes))
        pack = object.__new__(Pack)
        pack.lanes = lanes
        return pack

    monkeypatch.setattr(checkpoints, "Pack", small)
    monkeypatch.setattr(checkpoints, "save_all", lambda pack, folder: 1.0)
    saved = []
    monkeypatch.setattr(
        checkpoints, "save", lambda name, rows, facts: saved.extend(rows) or RESULTS
    )
    monkeypatch.setattr(sys, "argv", ["checkpoints.py", "--lanes", "1000"])
    checkpoints.main()
    assert [row["lanes"] for row in saved] == built and built[0] < 1000
