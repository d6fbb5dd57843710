"""A pack that is killed at any moment goes on with the same bits, and leaves nothing broken."""

import os
import random
import signal
import time

import pytest
from family_packs import (
    FAMILIES,
    STOPPED,
    STUDY,
    digests,
    jobs_of,
    log,
    start,
    strays,
    train,
)

from largebatch.records import read_record

MOMENTS = {"wrn": 4, "autoencoder": 6, "lstm": 4}  # other ones on each machine and in each call


@pytest.mark.parametrize("family", FAMILIES)
def test_killed_at_random_moments(family, data, undisturbed, tmp_path) -> None:
    chance = random.Random(family)
    root = tmp_path / "whole"
    began = time.monotonic()
    assert train(jobs_of(family, data, root), root) == 0
    seconds = time.monotonic() - began
    resumed = 0
    for moment in range(MOMENTS[family]):
        root = tmp_path / str(moment)
        jobs = jobs_of(family, data, root)
        process = start(jobs, root)
        while moment % 2 and process.is_alive() and not any(j.checkpoint.exists() for j in jobs):
            time.sleep(0.005)  # half of them past the start, which takes longest
        process.join(chance.uniform(0, seconds / (4 if moment % 2 else 1)))
        process.kill()
        process.join()
        there = digests(jobs)
        assert there.items() <= undisturbed[family].items()
        left = [job for job in jobs if job.name not in there]
        resumed += any(job.checkpoint.exists() for job in left)
        again = left or jobs[:1]  # killed after its last result: the next process tidies up
        assert train(again, root) == 0, log(again[0])
        assert digests(jobs) == undisturbed[family]
        assert strays(root) == []
    assert resumed  # otherwise only starting afresh was tested


def test_killed_again_and_again(data, undisturbed, tmp_path) -> None:
    """It never gets further than a checkpoint or two at a time, and still finishes."""
    jobs = jobs_of("autoencoder", data, tmp_path)
    for _ in range(12):
        left = [job for job in jobs if not job.out.exists()]
        if not left:
            break
        process = start(left, tmp_path)
        process.join(0.3)
        process.kill()
        process.join()
    left = [job for job in jobs if not job.out.exists()]
    assert train(left or jobs[:1], tmp_path) == 0
    assert digests(jobs) == undisturbed["autoencoder"]
    assert strays(tmp_path) == []


SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)  # one handler hears all of them


@pytest.mark.parametrize(("family", "number"), list(zip(FAMILIES, SIGNALS, strict=True)))
def test_told_to_stop(family, number, data, undisturbed, tmp_path) -> None:
    """It saves everything, whatever the interval, and says from where it resumes."""
    jobs = jobs_of(family, data, tmp_path)
    process = start(jobs, tmp_path, checkpoint_seconds=1e9)
    while "epoch 1" not in (log(jobs[0]) if jobs[0].log.exists() else ""):
        time.sleep(0.005)
    os.kill(process.pid, number)
    process.join(30)
    assert process.exitcode == STOPPED
    assert not list(tmp_path.rglob("*.lease"))
    left = [job for job in jobs if not job.out.exists()]
    assert all(job.checkpoint.exists() for job in left)
    assert train(left, tmp_path, checkpoint_seconds=1e9) == 0
    assert digests(jobs) == undisturbed[family]
    assert read_record(left[0].out)["facts"]["resumed_from"]["epoch"] >= 2
    assert strays(tmp_path) == []


def test_lanes_diverge_at_different_epochs(whole) -> None:
    """What makes the auto-encoder's pack hard: it shrinks three times."""
    facts = [read_record(job.out)["facts"] for job in whole["autoencoder"]]
    ends = {each.get("diverged_epoch") for each in facts}
    assert len(ends - {None}) >= 3 and None in ends
    assert max(ends - {None}) < STUDY.tasks["autoencoder"].epochs
