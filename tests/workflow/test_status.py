"""`largebatch status` of what is on disk; of packs that run, `test_failures` asks it."""

import json
from pathlib import Path

import pytest
from checkout import Checkout
from test_incremental import FIRST, SECOND, run

from largebatch.training.leases.holder import myself
from largebatch.training.leases.spool import WITHOUT_SNAKEMAKE


def test_a_run_that_did_not_fail_is_known_by_how_its_last_line_begins(fresh: Checkout) -> None:
    """Of an error the same words may be a part: a folder may be called `finished`."""
    wait = ["finished", "diverged in epoch 2", "told to stop; no checkpoint was saved"]
    wait += ["not trained here: told to stop while waiting for its lease"]
    fail = ["epoch 1 of 2: not finite: diverged", "not trained here: process 17 on n1 is training"]
    fail += ["started\nOSError: [Errno 28] No space left: '/finished'", "it was told to stop"]
    for path, last in zip(sorted(SECOND), [*wait, *fail], strict=True):
        log = fresh.root / path.replace("runs/", "logs/").replace(".parquet", ".log")
        log.parent.mkdir(parents=True, exist_ok=True)
        name = path.removeprefix("results/tiny/runs/").removesuffix(".parquet")
        log.write_text(f"2026-11-26T07:00:00 {name} {last}\n")
    said = fresh.largebatch("status")
    assert said.splitlines()[2].split()[1:6] == ["0", "0", "0", "4", "4"]
    assert all(f": {last.splitlines()[-1]} (results/" in said for last in fail)


def test_a_damaged_file_is_told_and_hides_nothing(checkout: Checkout) -> None:
    path = checkout.root / run()
    path.write_bytes(path.read_bytes()[:-100])
    lines = checkout.largebatch("status").splitlines()
    assert [line.split()[1:6] for line in lines[1:3]] == [list("70001"), list("80000")]
    (told,) = [line for line in lines if line.startswith("failed: ")]
    again = f"snakemake {run()} --config study=tiny"
    assert told.endswith(f"its file is damaged; delete it and run `{again}`")


def test_stale_is_what_snakemake_trains_again_for_its_code(checkout: Checkout) -> None:
    (checkout.root / run()).unlink()
    checkout.append("src/largebatch/models/autoencoder.py", "\nUNUSED = 1\n")
    lines = checkout.largebatch("status").splitlines()
    assert [line.split()[1:7] for line in lines[1:3]] == [list("000107"), list("000008")]
    assert {path for path in checkout.planned("runs") if "/runs/" in path} == FIRST | SECOND
    lease = (checkout.root / min(SECOND)).with_suffix(".lease")
    lease.write_text("{}")
    assert checkout.largebatch("status").splitlines()[2].split()[1:7] == list("001007")


def test_runs_in_no_figure_have_a_row(fresh: Checkout) -> None:
    off = {"enabled": False, "group": "more"}
    fresh.edit_study(lambda study: study["sweeps"].update(third=study["sweeps"]["first"] | off))
    fresh.edit_study(lambda study: study["sweeps"]["third"].update(effective_lrs=[0.1, 2, 3]))
    assert len(fresh.largebatch("status").splitlines()) == 3
    last = fresh.largebatch("status", "--enable", "more").splitlines()[3]
    assert last.split() == ["no", "figure", "0", "0", "0", "8", "0", "0", "-"]


def test_long_names_keep_the_columns(fresh: Checkout) -> None:
    figures = {"fig1": "small-and-large-batches", "fig2": "fig2"}
    fresh.edit_study(
        lambda study: study.update(figures={figures[k]: v for k, v in study["figures"].items()})
    )
    head, *lines = fresh.largebatch("status").splitlines()
    assert [len(line.removesuffix("no")) for line in lines] == [len(head.removesuffix("drawn"))] * 2


def write_pack(checkout: Checkout, name: str, runs: list[str]) -> Path:
    folder = checkout.root / ".snakemake/lanes" / name
    folder.mkdir(parents=True)
    content = {"rule": "train", "resources": {}, "runs": [{"out": run} for run in runs]}
    (folder / "pack.json").write_text(json.dumps(content))
    (folder / "job").write_text("17")
    return folder


@pytest.mark.parametrize(
    ("other", "state"),
    [
        ({}, "waiting"),
        ({"started": "1"}, "failed"),  # its process is another's now
        ({"machine": "before the power cut"}, "failed"),
        ({"host": "n1", "machine": "n1's", "started": "1"}, "waiting"),  # it cannot be known
    ],
)
def test_nobody_will_start_what_a_snakemake_that_is_gone_has_left(
    fresh: Checkout, other: dict, state: str
) -> None:
    """But for a SLURM job, which needs no Snakemake."""
    log = fresh.root / run().replace("runs/", "logs/").replace(".parquet", ".log")
    log.parent.mkdir(parents=True)
    log.write_text("2026-11-26 07:00:00 first/b64/sgd/lr0.5/seed0 epoch 2 of 3: train loss 1\n")
    folder = write_pack(fresh, "train-1", [run()])
    content = json.loads((folder / "pack.json").read_text())
    (folder / "pack.json").write_text(json.dumps(content | {"holder": myself() | other}))
    failed = "1" if state == "failed" else "0"
    assert fresh.largebatch("status").splitlines()[1].split()[5] == failed
    (folder / "batch.sh").touch()
    assert fresh.largebatch("status").splitlines()[1].split()[5] == "0"


def test_cut_off_and_started_again_by_slurm(fresh: Checkout) -> None:
    """Only what its Snakemake saw end is failed. A retry is a newer pack, and is the one shown."""

    def states() -> list[str]:
        return fresh.largebatch("status").splitlines()[1].split()[1:6]

    cut_off = run()
    log = fresh.root / cut_off.replace("runs/", "logs/").replace(".parquet", ".log")
    log.parent.mkdir(parents=True)
    log.write_text("2026-11-26 07:00:00 first/b64/sgd/lr0.5/seed0 epoch 2 of 3: train loss 1\n")
    assert states() == ["0", "0", "0", "7", "1"]
    first = write_pack(fresh, "train-9", [cut_off])
    assert states() == ["0", "0", "0", "8", "0"]
    (first / "ended").write_text("(SLURM job 17) ended as FAILED on n1")
    assert states() == ["0", "0", "0", "7", "1"]
    before = log.read_text()
    log.write_text("2026-11-26 07:00:00 first/b64/sgd/lr0.1/seed0 told to stop\n")
    assert "ended as FAILED on n1; told to stop" in fresh.largebatch("status")
    log.unlink()
    assert "seed0: (SLURM job 17) ended as FAILED on n1 (" in fresh.largebatch("status")
    (first / "ended").write_text(WITHOUT_SNAKEMAKE)
    assert states() == ["0", "0", "0", "8", "0"]
    log.write_text(before)
    write_pack(fresh, "train-1", [cut_off])
    assert states() == ["0", "0", "0", "8", "0"]
    lease = (fresh.root / cut_off).with_suffix(".lease")
    lease.parent.mkdir(parents=True)
    lease.write_text("{}")
    said = fresh.largebatch("status")
    assert said.splitlines()[1].split()[1:6] == ["0", "0", "1", "7", "0"]
    assert said.count("running: ") == 1
