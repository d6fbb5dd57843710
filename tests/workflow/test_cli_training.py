"""What the commands ask of the trainer, and make of its answers; the trainer is a stand-in."""

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkout import PROJECT
from command_line import DEMO, said

from largebatch.audit.checks.reproduce import rerun
from largebatch.cli import app as program
from largebatch.cli import remake
from largebatch.cli.jobs import check_batch, check_precision
from largebatch.cli.options import one_thread
from largebatch.errors import UserError
from largebatch.training import worker
from largebatch.training.drive import Stopped


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [([], 0, ""), (["the job"], 1, " failed; see above."), (Stopped(), 143, "")],
)
def test_the_exit_code_of_a_training(monkeypatch, tmp_path, outcome, code, words) -> None:
    def train(jobs, **how):
        if isinstance(outcome, Stopped):
            raise outcome
        return [SimpleNamespace(name=job.name, log=None) for job in jobs[: len(outcome)]]

    run = next(run for run in DEMO.runs if run.task.startswith("auto"))
    data = tmp_path / "data"
    data.touch()
    for name in ("check_batch", "check_precision"):
        monkeypatch.setattr(f"largebatch.cli.train.{name}", lambda *_: None)
    monkeypatch.setattr(worker, "train", train)
    spec = ("--spec", json.dumps(DEMO.spec(run)), "--data", str(data), "--out", "run.parquet")
    told = said("train", *spec, code=code)
    assert told.endswith(f"largebatch: {run.name}{words}\n") if words else "failed" not in told


@pytest.mark.parametrize(
    ("kind", "batch", "fits"), [("images", 60, True), ("images", 61, False), ("text", 61, True)]
)
def test_a_batch_may_be_all_examples_but_no_more(monkeypatch, kind, batch, fits) -> None:
    facts = {"kind": kind, "counts": {"train": 60}}
    monkeypatch.setattr("largebatch.data.load.read_facts", lambda path: facts)
    with nullcontext() if fits else pytest.raises(UserError, match="a batch of 61 is larger"):
        check_batch(SimpleNamespace(data=Path("d"), spec={"batch": batch}))


@pytest.mark.parametrize(
    ("precision", "device", "fits"),
    [("tf32", "cuda", True), ("tf32", "cpu", False), ("fp32", "cpu", True), ("bf16", "cpu", True)],
)
def test_a_cpu_has_every_precision_but_one(monkeypatch, precision, device, fits) -> None:
    monkeypatch.setattr(
        "largebatch.training.device.choose", lambda name: SimpleNamespace(type=name)
    )
    job = SimpleNamespace(spec={"task": {"name": "t", "precision": precision}})
    with nullcontext() if fits else pytest.raises(UserError, match="tf32 needs a GPU"):
        check_precision(job, device)


@pytest.mark.parametrize(("stored", "words"), [(1, "a is"), (2, "a and 1 more are"), (0, None)])
def test_what_will_be_replaced_is_said(monkeypatch, tmp_path, stored, words) -> None:
    jobs = [SimpleNamespace(out=tmp_path / name, spec={"task": {"epochs": 1}}) for name in "abc"]
    for job in jobs[:stored]:
        job.out.touch()
    monkeypatch.setattr("largebatch.cli.train.check_tree", lambda *_: None)
    monkeypatch.setattr("largebatch.cli.train.jobs_by_name", lambda names, study: jobs)
    totals: list[int] = []
    monkeypatch.setattr("largebatch.training.progress.to_bar", totals.append)
    monkeypatch.setattr("largebatch.cli.train._work", lambda *_: None)
    sentence = f"largebatch: {tmp_path}/{words} stored and will be replaced.\n"
    assert said("train", "a") == (sentence if words else "")
    assert totals == [3]  # epochs of all runs


@pytest.mark.parametrize(
    ("recorded", "device"), [("cpu", "cpu"), ("cuda:0", "cuda"), (None, "cuda")]
)
def test_a_run_is_trained_again_where_it_was(monkeypatch, recorded, device) -> None:
    """On the CPU if it was; else where the configuration says. Why it failed is said."""

    def fail(jobs, *, device, **_):
        asked.append(device)
        jobs[0].log.write_text("started\nno room\n")
        return jobs

    asked: list[str] = []
    monkeypatch.setattr(remake, "load_config", lambda root: {"device": "cuda"})
    monkeypatch.setattr(remake, "glance", lambda path: {"facts": {"device": recorded}})
    monkeypatch.setattr(worker, "train", fail)
    run = DEMO.runs[0]
    with pytest.raises(UserError, match=rf"^{run.path} could not be trained again: no room\.$"):
        remake.train_again(DEMO, PROJECT)(run)
    assert asked == [device]


def test_an_audit_that_is_told_to_stop_says_nothing(monkeypatch, capsys) -> None:
    """Neither 0 nor 1 nor 2, which are its answers."""

    def audit(study, name, root, *, train, reruns, **_):
        rerun(SimpleNamespace(study=study, runs=[run.path for run in study.runs[:1]]), train, 1)

    def stop(*_, **__):
        raise Stopped

    monkeypatch.setattr("largebatch.cli.audit.audit_one", audit)
    monkeypatch.setattr(remake, "glance", lambda path: {"facts": {}})
    monkeypatch.setattr(worker, "train", stop)
    monkeypatch.setattr(sys, "argv", ["largebatch", "audit", "fig1", "--rerun", "1"])
    with pytest.raises(SystemExit) as end:
        program.main()
    printed = capsys.readouterr()
    assert (end.value.code, printed.out, printed.err) == (130, "", "")


def test_one_thread_unless_the_user_says_otherwise(monkeypatch) -> None:
    wanted = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    for key in wanted:
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "4")
    one_thread()
    assert {key: os.environ[key] for key in wanted} == wanted | {"MKL_NUM_THREADS": "4"}
