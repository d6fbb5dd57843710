"""A full disk costs a checkpoint or a result, but no existing file and no other run."""

import os
import resource
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from family_packs import STOPPED, digests, jobs_of, log, strays, train


def no_file_beyond(size: int):
    """Called in the trainer: no file can grow longer, as on a disk with only this much room."""
    return partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))


def result_size(jobs) -> int:
    return max(job.out.stat().st_size for job in jobs)


def test_no_room_for_checkpoints(data, whole, undisturbed, tmp_path) -> None:
    """Training goes on without them."""
    jobs, room = jobs_of("lstm", data, tmp_path), no_file_beyond(result_size(whole["lstm"]) + 1000)
    assert train(jobs, tmp_path, room, checkpoint_seconds=0) == 0
    assert any(f"{job.checkpoint}: not saved: " in log(job) for job in jobs)
    assert digests(jobs) == undisturbed["lstm"]
    assert strays(tmp_path) == []


def test_no_room_for_results(data, undisturbed, tmp_path) -> None:
    """Every run fails with a sentence, whenever it ends; the next attempt makes them."""
    jobs = jobs_of("autoencoder", data, tmp_path)
    assert train(jobs, tmp_path, no_file_beyond(2000), checkpoint_seconds=1e9) == 1
    assert digests(jobs) == {}
    assert all(f"{job.out}: could not be written: " in log(job) for job in jobs)
    assert strays(tmp_path) == []
    assert train(jobs, tmp_path) == 0
    assert digests(jobs) == undisturbed["autoencoder"]


def stop_in(epoch: int, pack, trainees) -> None:
    """Called after every epoch in the trainer: tells it to stop in the first step of this epoch."""
    if pack.epoch == epoch:
        os.kill(os.getpid(), signal.SIGTERM)


def last_word(jobs, root: Path, epoch: int, before=None) -> str:
    """The last line of the first job's log, after the jobs were told to stop."""
    options = {"checkpoint_seconds": 1e9, "on_epoch": partial(stop_in, epoch)}
    assert train(jobs, root, before, **options) == STOPPED
    return log(jobs[0]).splitlines()[-1]


def test_told_to_stop_on_a_full_disk(data, tmp_path) -> None:
    """The log says which checkpoint there is: none, or an older one."""
    (job,) = jobs = jobs_of("lstm", data, tmp_path)[:1]
    full, kept = no_file_beyond(2000), "its checkpoint is of epoch 2, step 1"
    assert last_word(jobs, tmp_path, 2, full).endswith("told to stop; no checkpoint was saved")
    assert not job.checkpoint.exists()
    assert last_word(jobs, tmp_path, 2).endswith(f"told to stop; {kept}")
    assert last_word(jobs, tmp_path, 3, full).endswith(f"told to stop; {kept}")
    assert "resumed from epoch 2, step 1" in log(job)


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 300 kB where results go."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "results"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, leave: int) -> Path:
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - leave)))
    return ballast


@pytest.mark.parametrize("leave", [0, 8_000, 40_000, 120_000])
def test_a_disk_that_fills_up(small_disk, leave, data, undisturbed, tmp_path) -> None:
    """Nothing broken is left behind, and with room again all comes out as it should."""
    jobs = jobs_of("wrn", data, tmp_path)
    ballast = fill(small_disk, leave)
    code = train(jobs, tmp_path)
    there = digests(jobs)
    assert there.items() <= undisturbed["wrn"].items()
    assert code == (0 if len(there) == len(jobs) else 1)
    assert all("No space left" in log(job) for job in jobs if job.name not in there)
    assert not [name for name in strays(tmp_path) if name.endswith((".tmp", ".lease"))]
    ballast.unlink()
    assert train([job for job in jobs if job.name not in there], tmp_path) == 0
    assert digests(jobs) == undisturbed["wrn"]
    assert strays(tmp_path) == []
