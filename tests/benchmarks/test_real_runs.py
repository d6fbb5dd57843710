"""What is planned for a borrowed GPU: the packs of a sweep, of its seeds or of others."""

import json
import sys
from pathlib import Path

import pytest
import real_runs

from largebatch.errors import UserError
from largebatch.study import load_study

ROOT = Path(__file__).parents[2]
SWEEP = "mnist-full", "autoencoder-b64"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Plans are written to the current folder."""
    for name in ("config", "workflow"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)


def planned(*options: str, monkeypatch) -> list[list[dict]]:
    monkeypatch.setattr(sys, "argv", ["real_runs.py", "plan", *options])
    assert real_runs.main() == 0
    (file,) = Path("results/plans").iterdir()
    return json.loads(file.read_text())["packs"]


def test_a_plan_is_the_sweep(monkeypatch):
    study = load_study("mnist-full")
    packs = planned(*SWEEP, "--lanes", "15", monkeypatch=monkeypatch)
    assert [len(pack) for pack in packs] == [15, 5]
    jobs = {job["out"]: job["spec"] for pack in packs for job in pack}
    assert jobs == {run.path: study.spec(run) for run in study.runs}


def test_seeds_that_the_study_does_not_list_share_a_pack(monkeypatch):
    """Two calls, two packs of 40: figure 7's seeds 1 to 4 (docs/gpu.md)."""
    listed = {job["out"]: job["spec"] for job in planned(*SWEEP, monkeypatch=monkeypatch)[0]}
    for seeds in ((1, 2), (3, 4)):
        (pack,) = planned(*SWEEP, "--seeds", *map(str, seeds), monkeypatch=monkeypatch)
        assert len(pack) == 40
        for seed in seeds:
            jobs = {job["out"]: job["spec"] for job in pack if job["spec"]["seed"] == seed}
            assert jobs == {
                out.replace("seed0", f"seed{seed}"): spec | {"seed": seed}
                for out, spec in listed.items()
            }


def test_a_seed_named_twice_is_planned_once(monkeypatch):
    (pack,) = planned(*SWEEP, "--seeds", "3", "3", monkeypatch=monkeypatch)
    assert len(pack) == len({job["out"] for job in pack}) == 20


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("mnist-full", "cifar10-b32"), "there is no sweep 'cifar10-b32'; it has autoencoder-b64."),
        (("nothing", "autoencoder-b64"), "there is no study 'nothing'"),
    ],
)
def test_what_is_not_there_is_a_sentence(options, sentence, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["real_runs.py", "plan", *options])
    assert real_runs.main() == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(("option", "number"), [("--seeds", "-1"), ("--lanes", "0")])
def test_numbers_that_make_no_plan_are_refused(option, number, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["real_runs.py", "plan", *SWEEP, option, number])
    with pytest.raises(SystemExit):
        real_runs.main()
    assert f"argument {option}: it must be at least" in capsys.readouterr().err


def test_data_that_are_missing_are_named_before_anything_is_trained(monkeypatch, capsys):
    def prepare(dataset: dict) -> None:
        if dataset["name"] == "mnist":
            raise UserError("mnist: not there.")

    monkeypatch.setattr(real_runs, "_prepare", prepare)
    monkeypatch.setattr("largebatch.training.worker.train", lambda *_, **how: pytest.fail("began"))
    for words in (("demo", "autoencoder-b64"), SWEEP):
        monkeypatch.setattr(sys, "argv", ["real_runs.py", "plan", *words])
        real_runs.main()
    monkeypatch.setattr(sys, "argv", ["real_runs.py", "train", "--device", "cpu"])
    assert real_runs.main() == 2
    assert capsys.readouterr().err == "mnist: not there.\n"


@pytest.mark.parametrize(("failed", "code"), [(0, 0), (256, 1)])
def test_any_number_of_failed_runs_is_a_failure(failed, code, monkeypatch):
    """An exit code of 256 would be one of 0."""
    monkeypatch.setattr(real_runs, "train", lambda minutes, device: failed)
    monkeypatch.setattr(sys, "argv", ["real_runs.py", "train"])
    assert real_runs.main() == code
