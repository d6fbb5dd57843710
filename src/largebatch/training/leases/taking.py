"""Which jobs of a pack this process trains: those whose lease it gets, each told in its log."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from largebatch.training.job import Job
from largebatch.training.leases.lease import Leases
from largebatch.training.leases.watch import is_held
from largebatch.training.log import log


@dataclass(frozen=True)
class Taken:
    """The jobs that nobody else is at; `arrived`: those of them whose result came meanwhile."""

    ours: list[Job]
    arrived: list[Job]


def take(jobs: list[Job], leases: Leases, told_to_stop: Callable[[], bool]) -> Taken:
    """Take the jobs' leases; what writers that died in mid-write left of them is removed.

    A lease may be given back while it is waited for, and its holder's result be there: such a job
    is ours and has arrived. Jobs that somebody else is training are left out.
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
    """Changes when a file is renamed into the place; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _tidy_after_the_dead(folder: Path) -> None:
    """Of runs of this task and batch that were whole when their writer died: lease, checkpoint."""
    for lease in folder.glob("*/lr*/seed*.lease"):
        if lease.with_suffix(".parquet").exists() and not is_held(lease):
            _remove_temporaries(lease)
            lease.with_suffix(".checkpoint").unlink(missing_ok=True)
            lease.unlink(missing_ok=True)


def _remove_temporaries(path: Path) -> None:
    """What was being written of a run, its checkpoint or its lease when its writer died."""
    for leftover in path.parent.glob(f".{path.stem}.*.tmp"):
        leftover.unlink(missing_ok=True)
