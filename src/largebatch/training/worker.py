"""The trainer: jobs in, Parquet files out. The training rule and the executor call it."""

import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import torch

from largebatch.records import canonical_json, snapshot
from largebatch.training.device import choose
from largebatch.training.drive import Stopped, Trainee
from largebatch.training.execution import AUTO, Execution
from largebatch.training.job import Job
from largebatch.training.leases.lease import Leases
from largebatch.training.leases.taking import take
from largebatch.training.leases.times import ORDINARY, Times
from largebatch.training.pack import Pack
from largebatch.training.pack_worker import STEP, PackWorker

CHECKPOINT_SECONDS = 300.0


def train(
    jobs: list[Job],
    *,
    device: str = "auto",
    execution: Execution = AUTO,
    root: Path = Path("."),
    on_epoch: Callable[[Pack, list[Trainee]], None] = lambda pack, trainees: None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    lease_times: Times = ORDINARY,
) -> list[Job]:
    """Train every job and write its file; returns those that failed, each with a line in its log.

    Jobs of one task, data set and batch share a pack. A run that cannot be written, or that another
    process is training, fails alone; a fault in a step fails its pack. On SIGTERM, SIGINT or
    SIGUSR1 every run is checkpointed at the next step and `Stopped` is raised.
    """
    snapshot(STEP, root)  # code and commit as they are now, whatever is edited meanwhile
    chosen = choose(device)
    failed: list[Job] = []
    with (
        _stop_on_signal() as told_to_stop,
        _arithmetic_left_as_it_was(),
        Leases(lease_times) as leases,
    ):
        hooks = (on_epoch, told_to_stop, checkpoint_seconds, leases)
        for pack in _packs(jobs):
            taken = take(pack, leases, told_to_stop)
            failed += [job for job in pack if job not in taken.ours]
            if taken.ours:
                failed += PackWorker(taken, chosen, execution, root, *hooks).run()
            elif told_to_stop():
                raise Stopped
    return failed


def _packs(jobs: list[Job]) -> list[list[Job]]:
    """Group jobs that can be trained together: same task, data and batch."""
    packs: dict[str, list[Job]] = {}
    for job in jobs:
        shared = [job.spec["task"], job.spec["data"], job.spec["batch"], str(job.data)]
        packs.setdefault(canonical_json(shared), []).append(job)
    return list(packs.values())


@contextmanager
def _stop_on_signal():
    """Yield a function that tells whether a signal to stop has come."""
    received: list[int] = []
    stops = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = {number: signal.signal(number, lambda n, _: received.append(n)) for number in stops}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _arithmetic_left_as_it_was():
    """Undo the flushing of denormals, which `set_up` turns on for the caller's process, too."""
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
