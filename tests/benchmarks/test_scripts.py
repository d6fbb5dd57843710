"""The GPU's benchmarks run on a CPU, small, where nothing but PyTorch is installed."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import gpu
import profile_steps
import pytest
import torch
from parts.hours import paper_hours
from parts.kept import read
from parts.roofline import floor
from parts.workloads import PRECISIONS, alike, paper, small
from ways.contenders import COMPILED, CONTENDERS

from largebatch.models import replay
from largebatch.study import load_study
from largebatch.study.lanes import lanes

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# What a bare machine with a GPU may lack: importing it is an error.
HIDDEN = ("pyarrow", "yaml", "jsonschema", "safetensors", "snakemake", "typer", "matplotlib")
BLOCK = f"""
import sys
sys.modules |= dict.fromkeys({HIDDEN!r})
import runpy
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""
EAGER = [name for name in CONTENDERS if name not in COMPILED]
MEASURED = {"gpu": {"eager", "alone", "packed"}, "peers": set(EAGER)}


def run_with_pytorch_alone(name: str, *options: str, out: Path) -> subprocess.CompletedProcess:
    script = str(BENCHMARKS / f"{name}.py")
    command = [sys.executable, "-c", BLOCK, script, "--small", "--out", str(out), *options]
    alone = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=alone)
    assert done.returncode == 0, done.stderr
    return done


def written_by(name: str, out: Path) -> list[dict]:
    written = json.loads((out / f"{name}.json").read_text())
    assert "device" in written["facts"]
    return written["rows"]


@pytest.mark.parametrize("name", ["gpu", "peers"])
def test_runs_with_pytorch_alone(name, tmp_path):
    options = ["--window", "0.01", *(["--contenders", *EAGER] if name == "peers" else [])]
    run_with_pytorch_alone(name, *options, out=tmp_path)
    written = written_by(name, tmp_path)
    for work in small():
        rows = [row for row in written if row["workload"] == work.name]
        assert {row["contender"] for row in rows} >= MEASURED[name]
        assert all(row["us a run-step"] > 0 for row in rows)


@pytest.mark.skipif(find_spec("triton") is None, reason="no Triton for this platform")
def test_joint_convolutions_do_what_branches_do(tmp_path):
    done = run_with_pytorch_alone("convolutions", "--seconds", "600", out=tmp_path)
    assert "joint, best tiles" in done.stdout
    branches, joint = written_by("convolution-steps", tmp_path)
    assert branches["apart"] == 0 and 0 < joint["apart"] < 0.01
    rows = written_by("convolutions", tmp_path)
    assert {(row["layer"], row["direction"]) for row in rows} == {
        ("24->16, 3x3, 1/1", "forward"),
        ("24->16, 3x3, 1/1", "by weight"),
        ("32->16, 1x1, 1/2", "forward"),
        ("32->16, 1x1, 1/2", "by input"),
        ("32->16, 1x1, 1/2", "by weight"),
    }
    assert all(row["us a lane"] > 0 and row["apart"] < 0.01 for row in rows)


def test_workloads_are_the_papers():
    study, works = load_study("paper"), paper()
    grid: dict[tuple, list] = {}
    for run in study.runs:
        grid.setdefault((run.task, run.batch), []).append(run)
    assert sum(work.runs for work in works) == len(study.runs)
    for (name, batch), runs in grid.items():
        task = study.tasks[name]
        (work,) = [w for w in works if _matches(w, task, batch)]
        assert (work.runs, work.epochs) == (len(runs), task.epochs)
        ours = work.task(task.settings["precision"])
        shared = ("l2", "l2_on", "augmentation", "clip", "last_batch", "precision")
        assert {k: ours[k] for k in shared} == {k: task.settings.get(k) for k in shared}
        assert work.model == {k: v for k, v in task.model.items() if k in work.model}
        assert set(task.model) <= set(work.model)


def _matches(work, task, batch) -> bool:
    classes = {"cifar10": 10, "cifar100": 100, "mnist": 10}.get(task.dataset)
    same = (work.kind, work.facts.get("classes")) == (task.model["kind"], classes)
    return same and work.batch == batch


def test_the_first_pack_is_the_workflows():
    for work in paper():
        assert work.packs[0] == lanes("auto", work, work.batch, "cuda"), work.name
        assert len(set(work.packs)) == len(work.packs)


def test_floor_counts_the_published_networks():
    """Multiplications of WRN-16-4 (392.6 M forward an image) and parameters of the auto-encoder."""
    by_name = {work.figures: work for work in paper()}
    operations, _ = floor(by_name["1, 3"], "bf16")
    assert operations / (6 * 32) == pytest.approx(392.6e6, rel=0.01)
    _, moved = floor(by_name["6"], "tf32")
    assert moved / 24 == pytest.approx(2.84e6, rel=0.01)


LIMITS = {"copy": 1e10, "fp32": 1e11, "tf32": 1e11, "bf16": 1e11}


def measured(until: float) -> tuple[list[dict], list[str]]:
    failures: list[str] = []
    work, device = small()[1], torch.device("cpu")
    rows = list(gpu.measure(work, device, LIMITS, 0.001, until, failures))
    return rows, failures


def test_a_contender_that_fails_costs_no_other(monkeypatch):
    whole = gpu._row

    def row(work, precision, data, name, lanes, *others):
        if (name, lanes) == ("packed", 4):
            raise RuntimeError("injected")
        if (name, lanes) == ("packed, kernels off", 16):
            raise torch.OutOfMemoryError("injected")
        return whole(work, precision, data, name, lanes, *others)

    monkeypatch.setattr(gpu, "_row", row)
    rows, failures = measured(until=math.inf)
    assert [row["lanes"] for row in rows] == [1, 1, 16, 16, 1, 1, 4]
    assert len(failures) == 1 and "packed, 4 lanes: failed: RuntimeError('injected')" in failures[0]


def test_a_test_is_timed_once_its_graph_is_recorded(monkeypatch):
    """The test of images is one chunk on a GPU: `Recorder` records it in the third call."""
    before = []

    def seconds(call, device, window, warm_up=4):
        before.append(warm_up)
        return 1.0

    monkeypatch.setattr(gpu, "seconds_a_call", seconds)
    measured(until=0.0)
    assert before and min(before) > replay.WARM_UP


def test_what_was_measured_is_kept_when_the_process_is_ended(tmp_path, monkeypatch):
    whole, called = gpu._row, []

    def row(*case):
        called.append(case)
        if len(called) == 3:
            raise KeyboardInterrupt
        return whole(*case)

    monkeypatch.setattr(gpu, "_row", row)
    options = ["--small", "--window", "0.001", "--only", "auto", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["gpu.py", *options])
    with pytest.raises(KeyboardInterrupt):
        gpu.main()
    assert [row["contender"] for row in read("gpu", tmp_path)[0]] == ["eager", "alone"]


def test_a_profile_that_fails_costs_no_other(monkeypatch, capsys):
    def kernels(work, precision, lanes, device):
        if work.kind == "wrn":
            raise RuntimeError("injected")
        return "a table"

    monkeypatch.setattr(profile_steps, "kernels", kernels)
    monkeypatch.setattr(sys, "argv", ["profile_steps.py", "--small"])
    assert profile_steps.main() == 1
    said = capsys.readouterr().out
    assert said.count("a table") == 4
    assert "lanes: 4: failed: RuntimeError('injected')" in said


def test_without_time_a_workload_has_its_first_contender():
    rows, failures = measured(until=0.0)
    assert [row["contender"] for row in rows] == ["eager"] and not failures
    (hours, total) = paper_hours(rows)
    assert hours["h alone"] is None and total["h alone"] is None
    assert hours["h eager"] == total["h eager"] == hours["h fastest"]


def test_every_precision_is_packed_before_anything_is_measured_twice():
    for work in paper():
        named = [(precision, name, lanes) for precision, name, lanes, _ in gpu.contenders(work)]
        assert len(set(named)) == len(named)
        packed = [(precision, "packed", work.packs[0]) for precision in PRECISIONS[work.kind]]
        assert named[2 : 2 + len(packed)] == packed


def test_time_is_shared_by_what_there_is_to_measure():
    works = paper()
    shares, left = [], 150.0
    for done in range(len(works)):
        shares.append(gpu.share_of_time(works[done:], left))
        left -= shares[-1]
    assert left == pytest.approx(0)
    counts = [len(list(gpu.contenders(work))) for work in works]
    assert shares == pytest.approx([150 * count / sum(counts) for count in counts])


def test_one_network_at_one_batch_is_measured_once():
    twins = [[work.figures for work in some] for some in alike(paper())]
    assert twins == [["1, 3"], ["2, 3", "5"], ["4"], ["6"], ["7"], ["8"], ["9"]]


def test_what_is_measured_once_has_a_row_for_each(tmp_path, monkeypatch):
    work = small()[1]
    monkeypatch.setattr(gpu, "small", lambda: [work, replace(work, figures="twin", runs=7)])
    options = ["--small", "--window", "0.001", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["gpu.py", *options])
    assert gpu.main() == 0
    rows, _ = read("gpu", tmp_path)
    one, other = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    assert {row["workload"] for row in one} == {work.name}
    assert one and other == [row | {"workload": other[0]["workload"], "runs": 7} for row in one]


def test_a_wider_pack_comes_before_what_is_off():
    for work in paper():
        named = [case[1:3] for case in gpu.contenders(work)]
        off = named.index(("packed, kernels off", work.packs[0]))
        assert all(named.index(("packed", lanes)) < off for lanes in work.packs[:2])
        assert all(("packed", lanes) in named for lanes in work.packs)
