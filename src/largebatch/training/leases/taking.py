"""Decides which jobs of a pack this process trains: those whose lease it gets."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from largebatch.training.job import Job
from largebatch.training.leases.lease import Leases
from largebatch.training.leases.watch import is_held
from largebatch.training.log import log


@dataclass(frozen=True)
class Taken:
    """The jobs that nobody else is training; `arrived`: those whose result came meanwhile."""

    ours: list[Job]
    arrived: list[Job]


def take(jobs: list[Job], leases: Leases, told_to_stop: Callable[[], bool]) -> Taken:
    """Take the jobs' leases, and remove the temporary files of writers that died in mid-write.

    While we wait for a lease its holder may finish the run and release it: such a job is in both
    `ours` and `arrived`. Jobs that somebody else is training are left out, with a line in their
    logs.
    """
    before = {job.out: _identity(job.out) for job in jobs}
    refused = leases.take([job.lease for job in jobs], told_to_stop)
    for job in jobs:
        if job.lease in refused:
            log(job, f"not trained here: {refused[job.lease]}")
    ours = [job for job in jobs if job.lease not in refused]
    for job in ours:
        _remove_temporaries(job.out)
    for folder in {job.out.parents[2] for job in ours if job.out.match(f"{job.name}.parquet")}:
        _tidy_after_the_dead(folder)
    arrived = [job for job in ours if _identity(job.out) not in (None, before[job.out])]
    return Taken(ours, arrived)


def _identity(path: Path) -> tuple[int, int] | None:
    """A value that changes when a file is renamed to `path`; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _tidy_after_the_dead(folder: Path) -> None:
    """Remove leases and checkpoints of this task and batch whose run was whole when they died."""
    for lease in folder.glob("*/lr*/seed*.lease"):
        if lease.with_suffix(".parquet").exists() and not is_held(lease):
            _remove_temporaries(lease)
            lease.with_suffix(".checkpoint").unlink(missing_ok=True)
            lease.unlink(missing_ok=True)


def _remove_temporaries(path: Path) -> None:
    """Remove what a dead writer was writing: the run's file, its checkpoint or its lease."""
    for leftover in path.parent.glob(f".{path.stem}.*.tmp"):
        leftover.unlink(missing_ok=True)
