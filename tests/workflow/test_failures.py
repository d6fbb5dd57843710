"""Whatever goes wrong, finished runs stay, failures are reported, and no process is left."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import Checkout, wait_for
from forked import Started
from test_incremental import FIG2, FIRST, SECOND, run

ENDLESS = 10**6


def exist(checkout: Checkout, paths: set[str]) -> bool:
    return all((checkout.root / path).exists() for path in paths)


def trainers(checkout: Checkout) -> list[int]:
    """Process ids of the packs that were started, dead ones too."""
    files = (checkout.root / ".snakemake/lanes").glob("*-x8-*/pid")
    return [int(file.read_text()) for file in files]


@pytest.fixture
def two_packs(fresh: Checkout) -> Iterator[Started]:
    """The running Snakemake, with one pack that never ends and one that does.

    By its true work the first would be split, and both cores would have a part of it.
    """
    fresh.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    snakemake = fresh.start("snakemake", "-c2", "runs", "--set-resources", "train:work=1")
    yield snakemake
    snakemake.kill()
    for pid in fresh.processes():
        os.kill(pid, signal.SIGKILL)


def packs_left(checkout: Checkout) -> list[tuple[int, set[str]]]:
    """(attempt, runs) of every pack that did not end well."""
    files = (checkout.root / ".snakemake/lanes").glob("*-b64-*/pack.json")
    packs = [json.loads(file.read_text())["runs"] for file in files]
    return sorted((pack[0]["attempt"], {job["out"] for job in pack}) for pack in packs)


def strays(checkout: Checkout) -> list[Path]:
    """Files below the runs that are neither a result, nor a checkpoint, nor a lease."""
    files = [p for p in (checkout.root / "results/tiny/runs").rglob("*") if p.is_file()]
    return [p for p in files if p.suffix not in (".parquet", ".checkpoint", ".lease")]


def test_a_run_that_fails_alone(fresh: Checkout) -> None:
    """Two runs of a pack cannot be written; the others are kept, and only those two are retried.

    However much work there is, a pack is not split where there is one core.
    """
    folder = (fresh.root / run(lr="0.5")).parent
    folder.parent.mkdir(parents=True)
    folder.symlink_to("/proc/sys")  # no file can be made there, not even by root
    much_work = ("-c", "1", "--set-resources", "train:work=60000")
    said = fresh.snakemake("figures", "--retries", "1", *much_work, code=1)
    assert sorted(re.findall(r"train: \S+ started, (\d+) jobs", said)) == ["2", "8", "8"]
    failed = {run(lr="0.5", seed=seed) for seed in (0, 1)}
    assert exist(fresh, FIRST - failed | SECOND | FIG2)
    assert packs_left(fresh) == [(1, FIRST), (2, failed)]
    assert "2 jobs failed:" in said
    for path in failed:
        assert f"{path}: first-b64-tiny-x" in said
        log = path.replace("runs/", "logs/").replace(".parquet", ".log")
        assert log in said
        assert "could not be written" in (fresh.root / log).read_text()
    folder.unlink()
    assert fresh.planned("runs") == failed
    assert fresh.changed_by(lambda: fresh.snakemake("runs")) == failed
    assert packs_left(fresh) == []


def test_a_pack_that_is_killed(fresh: Checkout, two_packs: Started) -> None:
    """And what `largebatch status` says while it runs, and after it failed."""
    wait_for(lambda: exist(fresh, FIRST) and len(trainers(fresh)) == 1)
    wait_for(lambda: list(fresh.root.glob(".snakemake/lanes/*/progress.json")))
    said = fresh.largebatch("status")
    assert said.splitlines()[2].split() == ["fig2", "0", "0", "8", "0", "0", "0", "no"]
    assert "running: second/b64, epoch " in said and f"of {ENDLESS}, about " in said
    assert ", 8 runs" in said
    os.kill(*trainers(fresh), signal.SIGKILL)
    said = two_packs.communicate(timeout=180)
    assert two_packs.returncode == 1
    assert f"{len(SECOND)} jobs failed, " in said and " more: second-b64-tiny-x8-" in said
    assert "was ended by SIGKILL, perhaps because memory ran out; its last line: " in said
    assert exist(fresh, FIRST)
    said = fresh.largebatch("status")
    assert said.splitlines()[2].split() == ["fig2", "0", "0", "0", "0", "8", "0", "no"]
    assert said.count("failed: second/b64/") == len(SECOND)
    assert fresh.planned("runs") == SECOND
    assert not strays(fresh)


def test_snakemake_is_told_to_stop(fresh: Checkout, two_packs: Started) -> None:
    """By SIGTERM, and below by SIGINT. What it stopped is waiting, and has not failed."""
    wait_for(lambda: exist(fresh, FIRST) and len(trainers(fresh)) == 1)
    wait_for(lambda: list(fresh.root.glob(".snakemake/lanes/*/progress.json")))
    two_packs.send_signal(signal.SIGTERM)
    two_packs.communicate(timeout=180)
    assert two_packs.returncode == 1
    assert fresh.processes() == []
    assert fresh.planned("runs") == SECOND  # and the lock is gone
    states = fresh.largebatch("status").splitlines()[2].split()[1:6]
    assert states == ["0", "0", "0", "8", "0"]
    for path in SECOND:
        assert (fresh.root / path).with_suffix(".checkpoint").exists()
    assert not strays(fresh)


def test_snakemake_is_killed(fresh: Checkout, two_packs: Started) -> None:
    """Its packs end by themselves. Finished runs stay, even those it did not yet know about."""
    wait_for(lambda: len(trainers(fresh)) == 2)
    two_packs.send_signal(signal.SIGSTOP)
    wait_for(lambda: exist(fresh, FIRST))
    two_packs.kill()
    two_packs.communicate(timeout=180)
    wait_for(lambda: fresh.processes() == [])
    assert not strays(fresh)
    fresh.snakemake("--unlock")
    assert fresh.planned("runs") == SECOND
    fresh.edit_study(lambda study: study["tasks"]["second"].update(epochs=2))
    assert fresh.makes("runs") == SECOND
    assert packs_left(fresh) == []
    # Snakemake never saw the first task's runs end, and still knows what they were made with.
    fresh.edit_study(lambda study: study["tasks"]["first"].update(l2=0.5))
    assert fresh.planned("runs") >= FIRST


def test_results_stay_until_they_are_replaced(checkout: Checkout) -> None:
    """Whether their packs fail or Snakemake is told to stop; and they count as old as before."""
    before = checkout.files()
    broken = ("runs", "--set-resources", "train:device=none")
    assert "incomplete" not in checkout.snakemake(*broken, "-R", "train", code=1)
    assert checkout.files() == before and checkout.planned("figures") == set()
    checkout.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    checkout.snakemake(*broken, "--retries", "1", code=1)
    assert checkout.files() == before and checkout.planned("runs") == SECOND
    snakemake = checkout.start("snakemake", "-c2", "runs", "--set-resources", "train:work=1")
    wait_for(lambda: list(checkout.root.glob(".snakemake/lanes/*/progress.json")))
    states = checkout.largebatch("status").splitlines()[2].split()[1:6]
    snakemake.send_signal(signal.SIGINT)
    snakemake.communicate(timeout=180)
    assert states == ["0", "0", "8", "0", "0"]
    assert checkout.processes() == [] and snakemake.returncode == 1
    assert checkout.files() == before and checkout.planned("runs") == SECOND


def test_a_rule_that_prints_its_result_tells_an_error_once(checkout: Checkout) -> None:
    table, fault = "results/tiny/measured/fig1.parquet", "'none' is not one of"
    said = checkout.snakemake(table, "--set-resources", "measure:device=none", code=1)
    log = checkout.root / "results/tiny/logs/measured/fig1.log"
    assert said.count(fault) == log.read_text().count(fault) == 1


def test_results_come_back_if_snakemake_is_killed(checkout: Checkout) -> None:
    """When the next one starts, whatever it is to do, and as old as before."""
    before = checkout.files()
    checkout.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    snakemake = checkout.start("snakemake", "-c2", "runs", "--set-resources", "train:work=1")
    wait_for(lambda: list(checkout.root.glob(".snakemake/lanes/*/progress.json")))
    assert not exist(checkout, SECOND)
    snakemake.kill()
    snakemake.communicate(timeout=180)
    wait_for(lambda: checkout.processes() == [])
    checkout.snakemake("--unlock")
    checkout.snakemake("data")
    assert checkout.files() == before and checkout.planned("runs") == SECOND
    checkout.edit_study(lambda study: study["tasks"]["second"].update(epochs=3))
    assert checkout.planned("runs") == set()
