"""The one command for a machine with a GPU, where there is none: it says so and changes nothing."""

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import convolutions
import gpu
import peers
import pytest
import real_runs
import torch

from largebatch.data.prepare import prepare
from largebatch.records import read_record

ROOT = Path(__file__).parents[2]
PARTS = ("gpu", "peers", "profile", "convolutions")


def on_gpu(*parts: str, out: Path, root: Path = ROOT, **variables: str):
    command = ["bash", str(root / "benchmarks/on_gpu.sh"), *parts]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"OUT": str(out), "PATH": path} | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_an_unknown_part_is_refused_before_any_is_begun(tmp_path):
    done = on_gpu("gpu", "test", out=tmp_path / "out")
    assert done.returncode == 2 and not done.stdout
    assert "there are tests, gpu, peers, profile, runs, convolutions" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limit", ["590s", "0", "-5", "ten"])
def test_a_limit_that_is_no_number_of_seconds_is_refused(limit, tmp_path):
    done = on_gpu("gpu", out=tmp_path / "out", LIMIT=limit)
    assert done.returncode == 2 and not done.stdout
    assert f"LIMIT is a number of seconds, not '{limit}'" in done.stderr


@pytest.mark.parametrize(("limit", "parts"), [("20", ["peers"]), ("3", PARTS)])
def test_where_little_time_is_left_a_part_has_a_second(limit, parts, tmp_path):
    """`timeout 0` would be no limit; a time below 0 is none that anybody takes."""
    (tmp_path / "python3").symlink_to("/bin/true")  # measures nothing
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = on_gpu(*parts, out=tmp_path / "out", LIMIT=limit, PATH=path)
    assert "--seconds 1\n" in done.stdout and not re.search(r"--seconds (0|-)", done.stdout)


WITHOUT = pytest.mark.skipif(torch.cuda.is_available(), reason="asks what happens without a GPU")


@WITHOUT
def test_without_a_gpu_the_command_fails(tmp_path):
    done = on_gpu("profile", out=tmp_path)
    assert done.returncode == 1 and "no CUDA device was found" in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["profile.log"]


@WITHOUT
@pytest.mark.parametrize("script", [gpu, peers, convolutions])
def test_without_a_gpu_nothing_is_measured(script, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="no CUDA device was found"):
        script.main()
    assert not list(tmp_path.iterdir())


@pytest.fixture
def planned(tmp_path) -> Path:
    """A repository with a plan whose one run is there, and with a run that nobody planned."""
    for name in ("benchmarks", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    results = tmp_path / "results"
    run, log, data, other = (
        "results/tiny/runs/first/seed0.parquet",
        "results/tiny/logs/first/seed0.log",
        "results/data/dots.safetensors",
        "results/other/runs/first/seed0.parquet",
    )
    for name in (run, log, data, other):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    jobs = [
        {"spec": {}, "data": data, "out": run, "log": log},
        {"spec": {}, "data": data, "out": run, "log": "results/tiny/logs/none.log"},
    ]
    plan = {"dataset": {"path": data}, "packs": [jobs]}
    (results / "plans").mkdir()
    (results / "plans/tiny-first.json").write_text(json.dumps(plan))
    return tmp_path


def test_planned_runs_are_packed_and_no_others(planned, tmp_path):
    done = on_gpu("runs", out=tmp_path / "out", root=planned)
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(tmp_path / "out/runs.tar") as packed:
        names = packed.getnames()
    assert set(names) == {
        "results/tiny/runs/first/seed0.parquet",
        "results/tiny/logs/first/seed0.log",
    }


def test_what_cannot_be_packed_is_a_failure(planned, tmp_path):
    (tmp_path / "out/runs.tar").mkdir(parents=True)
    done = on_gpu("runs", out=tmp_path / "out", root=planned)
    assert done.returncode == 1 and "runs.tar is incomplete" in done.stdout


def plan_demo(monkeypatch, *options: str) -> None:
    words = ["real_runs.py", "plan", "demo", "autoencoder-b64", *options]
    monkeypatch.setattr(sys, "argv", words)
    assert real_runs.main() == 0


def test_planned_runs_are_trained_and_not_trained_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("config", "workflow", "envs"):
        (tmp_path / name).symlink_to(ROOT / name)
    plan_demo(monkeypatch, "--seeds", "77")
    (plan,) = (tmp_path / "results/plans").glob("*.json")
    content = json.loads(plan.read_text())
    content["packs"] = [[job for pack in content["packs"] for job in pack][:3]]
    plan.write_text(json.dumps(content))
    train = [sys.executable, str(ROOT / "benchmarks/real_runs.py"), "train", "--device", "cpu"]
    first = subprocess.run(train, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    assert "demo-autoencoder-b64: 3 runs" in first.stdout
    outs = [Path(job["out"]) for job in content["packs"][0]]
    assert {read_record(out)["settings"]["seed"] for out in outs} == {77}
    files = {out: out.stat().st_mtime_ns for out in outs}
    assert subprocess.run(train, capture_output=True, text=True).stdout == ""
    assert all(out.stat().st_mtime_ns == mtime for out, mtime in files.items())


BARE = """
import runpy, sys
missing = "jsonschema", "snakemake", "scipy", "sklearn", "matplotlib", "torchvision"
sys.modules |= dict.fromkeys(missing)
sys.argv = ["largebatch", *sys.argv[1:]]
runpy.run_module("largebatch", run_name="__main__")
"""


def test_a_pack_of_jobs_trains_without_the_lock(tmp_path, monkeypatch):
    """What a machine with PyTorch, pyarrow, PyYAML, typer and safetensors can do."""
    monkeypatch.chdir(tmp_path)
    for name in ("config", "workflow", "envs"):
        (tmp_path / name).symlink_to(ROOT / name)
    plan_demo(monkeypatch)
    (plan,) = (tmp_path / "results/plans").glob("*.json")
    content = json.loads(plan.read_text())
    runs, dataset = content["packs"][0][:2], content["dataset"]
    prepare(dataset["name"], dataset["settings"], tmp_path, Path(dataset["path"]), progress=False)
    Path("pack.json").write_text(json.dumps({"runs": runs, "resources": {"device": "cpu"}}))
    command = [sys.executable, "-c", BARE, "train", "--pack", "pack.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for run in runs:
        facts = read_record(Path(run["out"]))["facts"]
        assert facts["execution"] == {"kernels": "off", "graphs": "off"}
    by_name = [sys.executable, "-c", BARE, "train", runs[0]["out"], "--study", "demo"]
    done = subprocess.run(by_name, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "largebatch: jsonschema is not installed, so the study is not checked" in done.stderr
