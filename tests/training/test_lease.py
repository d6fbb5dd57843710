"""One run, one writer."""

import errno
import json
import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from family_packs import HURRY, STOPPED, digests, jobs_of, log, start, strays, train

from largebatch.records import read_record
from largebatch.training.leases import lease as lease_module
from largebatch.training.leases.lease import Leases
from largebatch.training.leases.times import Times
from largebatch.training.leases.watch import Watch


@pytest.fixture
def lease(tmp_path):
    return tmp_path / "runs/seed0.lease"


def foreign(lease, **changes) -> None:
    """A lease of a process on another machine."""
    lease.parent.mkdir(exist_ok=True)
    owner = {"token": "other", "host": "elsewhere", "pid": 1, "machine": "other", "started": "1"}
    lease.write_text(json.dumps(owner | changes))


def test_taken_and_given_back(lease) -> None:
    with Leases(HURRY) as ours:
        assert ours.take([lease]) == {}
        assert ours.holds(lease)
    assert not lease.exists()


def test_a_living_holder_keeps_it(lease) -> None:
    with Leases(HURRY) as theirs, Leases(HURRY) as ours:
        theirs.take([lease])
        (who,) = ours.take([lease]).values()
        assert f"process {os.getpid()}" in who
        assert theirs.holds(lease) and not ours.holds(lease)
    assert not lease.exists()


def test_a_stale_one_is_taken_over_after_its_time(lease) -> None:
    foreign(lease)
    began = time.monotonic()
    with Leases(HURRY) as ours:
        assert ours.take([lease]) == {}
        assert time.monotonic() - began >= HURRY.stale
        assert ours.holds(lease)


def test_a_dead_packs_are_taken_over_together(tmp_path, monkeypatch) -> None:
    leases, slept = [tmp_path / f"runs/seed{seed}.lease" for seed in range(5)], []
    for lease in leases:
        foreign(lease)
    monkeypatch.setattr(lease_module.time, "sleep", slept.append)
    with Leases(replace(HURRY, stale=0)) as ours:
        assert ours.take(leases) == {}
        assert all(map(ours.holds, leases))
    assert slept == [HURRY.settle]


@pytest.mark.parametrize("content", ["", "{", '{"token": "half'])
def test_a_broken_one_is_taken_over(lease, content) -> None:
    """Its holder died, or the disk was full, before it could write who it is."""
    lease.parent.mkdir()
    lease.write_text(content)
    with Leases(HURRY) as ours:
        assert ours.take([lease]) == {}
        assert ours.holds(lease)


def test_a_lease_that_cannot_be_removed_fails_nothing(tmp_path, monkeypatch) -> None:
    """The results are there, and the others are given back."""
    leases = [tmp_path / f"runs/seed{seed}.lease" for seed in range(3)]

    def busy(path, missing_ok=False):
        if path == leases[1]:
            raise OSError(errno.EBUSY, "Device or resource busy", path)
        os.unlink(path)

    with Leases(HURRY) as ours:
        assert ours.take(leases) == {}
        monkeypatch.setattr(Path, "unlink", busy)
    assert [lease.exists() for lease in leases] == [False, True, False]


def test_a_dead_process_of_this_machine_is_not_waited_for(data, tmp_path) -> None:
    jobs = jobs_of("lstm", data, tmp_path)
    process = start(jobs, tmp_path)
    while not all(job.checkpoint.exists() for job in jobs):
        time.sleep(0.005)
    process.kill()
    process.join()
    began = time.monotonic()
    with Leases() as ours:
        assert ours.take([job.lease for job in jobs]) == {}
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(("theirs", "taken"), [(0, True), (1, False)])
def test_an_earlier_start_of_our_job_lost_it(lease, monkeypatch, theirs, taken) -> None:
    """Its node was cut off but trains on; SLURM has started the job again, here."""
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    monkeypatch.setenv("SLURM_RESTART_COUNT", str(theirs))
    with Leases(HURRY) as cut_off, Leases(HURRY) as ours:
        cut_off.take([lease])
        monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
        assert (ours.take([lease]) == {}) == taken
        assert (ours.holds(lease), cut_off.holds(lease)) == (taken, not taken)


def test_of_many_that_take_over_one_has_it(lease) -> None:
    foreign(lease)
    leases = [Leases(HURRY) for _ in range(8)]
    threads = [threading.Thread(target=one.take, args=([lease],)) for one in leases]
    for one in leases:
        one.__enter__()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(one.holds(lease) for one in leases) == 1
    for one in leases:
        one.__exit__()


@pytest.mark.parametrize("dead", [False, True])
def test_of_two_that_take_a_pack_at_once_one_has_all_of_it(tmp_path, monkeypatch, dead) -> None:
    """A pack that nobody has, and one whose holder died. They are given its runs in two orders."""
    leases = [tmp_path / f"runs/seed{seed}.lease" for seed in range(6)]
    if dead:
        for lease in leases:
            foreign(lease)
    for slow in ("_create", "_put_ours"):
        monkeypatch.setattr(Leases, slow, slowly(getattr(Leases, slow)))
    with Leases(UNHURRIED) as one, Leases(UNHURRIED) as other:
        takers = [
            threading.Thread(target=one.take, args=(leases,)),
            threading.Thread(target=other.take, args=(leases[::-1],)),
        ]
        for taker in takers:
            taker.start()
        for taker in takers:
            taker.join(20)
        held = sorted(sum(map(taker.holds, leases)) for taker in (one, other))
    assert held == [0, len(leases)]


UNHURRIED = Times(beat=2.0, stale=2.0, settle=0.5)  # for `slowly`


def slowly(method):
    """So that two threads take turns."""

    def slowed(self, path):
        time.sleep(0.005)
        return method(self, path)

    return slowed


def test_a_run_that_another_process_is_training_is_not_trained(data, tmp_path) -> None:
    """It fails and says who trains it; the rest of the pack is trained."""
    first, *others = jobs = jobs_of("lstm", data, tmp_path)
    with Leases(HURRY) as theirs:
        theirs.take([first.lease])
        assert train(jobs, tmp_path) == 1
    assert f"process {os.getpid()}" in log(first)
    assert not first.out.exists() and not first.checkpoint.exists()
    assert all(job.out.exists() for job in others)


def test_two_processes_train_the_same_pack(data, undisturbed, tmp_path) -> None:
    """The second finds a living holder or its result; no file is broken or left over."""
    jobs = jobs_of("wrn", data, tmp_path)
    both = [start(jobs, tmp_path), start(jobs, tmp_path)]
    for one in both:
        one.join(60)
    assert 0 in [one.exitcode for one in both]
    assert digests(jobs) == undisturbed["wrn"]
    assert strays(tmp_path) == []


def start_and_wait_for_a_lease(jobs, root):
    """A process that trains the jobs, and has begun to wait for a lease that somebody holds."""
    looked = root / "looked"
    process = start(jobs, root, partial(tell_of_looks, looked), lease_times=PATIENT)
    while not looked.exists():
        time.sleep(0.005)
    return process


def tell_of_looks(marker) -> None:
    """Make this process touch `marker` whenever it looks at another's lease."""
    is_stale = Watch.is_stale

    def told(self) -> bool:
        marker.touch()
        return is_stale(self)

    Watch.is_stale = told


PATIENT = Times(beat=30.0, stale=20.0, settle=0.02)  # meanwhile, a holder is not seen to live


@pytest.mark.parametrize("same", [True, False])
def test_a_result_that_comes_while_its_lease_is_waited_for(data, tmp_path, same) -> None:
    """It is not made again, unless it is of other settings."""
    job, mate, other = jobs_of("lstm", data, tmp_path)[:3]
    jobs = [job, mate]
    assert train([job, other], tmp_path) == 0
    ready = job.out.replace(tmp_path / "ready.parquet") if same else other.out
    with Leases(PATIENT) as theirs:
        theirs.take([job.lease])
        waiting = start_and_wait_for_a_lease(jobs, tmp_path)
        os.replace(ready, job.out)
        written = job.out.stat().st_mtime_ns
        theirs.release(job.lease)
        waiting.join(60)
    assert waiting.exitcode == 0
    assert (job.out.stat().st_mtime_ns == written) == same
    assert ("by another process" in log(job)) == same
    assert read_record(mate.out)["facts"]["pack_mates"] == ([] if same else [job.name])
    assert strays(tmp_path) == []


def test_told_to_stop_while_waiting_for_a_lease(data, tmp_path) -> None:
    """It ends as stopped, and what the holder is writing just then is left alone."""
    (job,) = jobs = jobs_of("lstm", data, tmp_path)[:1]
    job.out.parent.mkdir(parents=True)
    writing = job.out.with_name(f".{job.out.name}.elsewhere.1.tmp")
    writing.write_text("half")
    with Leases(PATIENT) as theirs:
        theirs.take([job.lease])
        waiting = start_and_wait_for_a_lease(jobs, tmp_path)
        waiting.terminate()
        waiting.join(10)
        assert waiting.exitcode == STOPPED
        assert theirs.holds(job.lease)
    assert "told to stop" in log(job)
    assert strays(tmp_path) == [writing.name]


def test_a_frozen_job_that_lost_its_lease_writes_nothing(data, undisturbed, tmp_path) -> None:
    """Like a node that was cut off and comes back. Its successor seems to be on another machine."""
    jobs = jobs_of("wrn", data, tmp_path)
    frozen = start(jobs, tmp_path)
    while not all(job.checkpoint.exists() for job in jobs):
        time.sleep(0.005)
    os.kill(frozen.pid, signal.SIGSTOP)
    assert train(jobs, tmp_path) == 0
    written = {job.out: job.out.stat().st_mtime_ns for job in jobs}
    os.kill(frozen.pid, signal.SIGCONT)
    frozen.join(60)
    assert frozen.exitcode == 1
    assert {job.out: job.out.stat().st_mtime_ns for job in jobs} == written
    assert digests(jobs) == undisturbed["wrn"]
    assert strays(tmp_path) == []


def test_a_writer_that_died_after_its_result(data, tmp_path) -> None:
    """Its lease and checkpoint are tidied by whoever trains its mates."""
    first, second = jobs_of("lstm", data, tmp_path)[:2]
    process = start([first], tmp_path, checkpoint_seconds=0)
    while not first.checkpoint.exists():
        time.sleep(0.001)
    process.kill()
    process.join()
    first.out.write_bytes(b"whole")
    assert first.lease.exists()
    assert train([second], tmp_path) == 0
    assert first.out.exists() and second.out.exists()
    assert strays(tmp_path) == []
