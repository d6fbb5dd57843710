"""The trainer: jobs in, Parquet files out. What the training rule and the executor call."""

import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import torch

from largebatch.data.load import load_dataset
from largebatch.records import (
    canonical_json,
    data_input,
    digest_of,
    make_record,
    snapshot,
    write_table,
)
from largebatch.training.device import choose, set_up
from largebatch.training.drive import Hooks, Place, Stopped, Trainee, drive
from largebatch.training.execution import AUTO, Execution
from largebatch.training.history import to_table
from largebatch.training.job import Job
from largebatch.training.lease import ORDINARY, Leases, Times, is_held
from largebatch.training.pack import Pack

CHECKPOINT_SECONDS = 300.0
STEP = "train"


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
    snapshot(STEP, root)  # code and commit as they are now, whatever is edited while it runs
    chosen = choose(device)
    failed: list[Job] = []
    with (
        _stop_on_signal() as told_to_stop,
        _arithmetic_left_as_it_was(),
        Leases(lease_times) as leases,
    ):
        hooks = (on_epoch, told_to_stop, checkpoint_seconds, leases)
        for pack in _packs(jobs):
            ours = _take(pack, leases, told_to_stop)
            failed += [job for job in pack if job not in ours]
            if ours:
                failed += _PackWorker(ours, chosen, execution, root, *hooks).run()
    return failed


def _take(jobs: list[Job], leases: Leases, told_to_stop: Callable[[], bool]) -> list[Job]:
    """The jobs that nobody else is at; what writers that died in mid-write left of them is gone."""
    refused = leases.take([job.lease for job in jobs], told_to_stop)
    for job in jobs:
        if job.lease in refused:
            _log(job, f"not trained here: {refused[job.lease]}")
    ours = [job for job in jobs if job.lease not in refused]
    for job in ours:
        for path in (job.out, job.checkpoint, job.lease):
            for leftover in path.parent.glob(f".{path.name}.*.tmp"):
                leftover.unlink(missing_ok=True)
    for folder in {job.out.parents[2] for job in ours if job.out.parent.name.startswith("lr")}:
        _tidy_after_the_dead(folder)
    return ours


def _tidy_after_the_dead(folder: Path) -> None:
    """Of runs of this task and batch that were whole when their writer died: lease, checkpoint."""
    for lease in folder.glob("*/lr*/seed*.lease"):
        if lease.with_suffix(".parquet").exists() and not is_held(lease):
            lease.with_suffix(".checkpoint").unlink(missing_ok=True)
            lease.unlink(missing_ok=True)


def _packs(jobs: list[Job]) -> list[list[Job]]:
    """Jobs that can march together: same task, data and batch."""
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
    """`set_up` flushes denormals for the whole process; a caller that computes on must not."""
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


class _PackWorker:
    """One pack's files: logs while it runs, results and records as its runs end."""

    def __init__(
        self, jobs, device, execution, root, on_epoch, told_to_stop, checkpoint_seconds, leases
    ):
        self.jobs, self.root, self.on_epoch = jobs, root, on_epoch
        self.device, self.execution = device, execution
        self.leases = leases
        self.unfinished = list(jobs)
        self.failed: list[Job] = []
        self.started = time.time()
        self.hooks = Hooks(
            told_to_stop, self.ended, self.epoch_done, self.note, self.may_write, checkpoint_seconds
        )

    def run(self) -> list[Job]:
        set_up(self.device, self.jobs[0].spec["task"]["precision"])
        try:
            data = load_dataset(self.jobs[0].data, self.device)
            self.input = data_input(str(self.jobs[0].data), data.digest, data.record)
            code = snapshot(STEP, self.root)[0]["code"]["digest"]
            made_by = [digest_of([job.spec, data.digest, code]) for job in self.jobs]
            for job in self.jobs:
                _log(job, f"started, {len(self.jobs)} runs in the pack, {self.device}")
            drive(self.jobs, made_by, Place(data, self.device, self.execution), self.hooks)
        except Stopped:
            for job in self.unfinished:
                _log(job, "told to stop; checkpoint saved")
            raise
        except Exception:
            for job in self.unfinished:
                _log(job, traceback.format_exc())
            self.failed += self.unfinished
        return self.failed

    def may_write(self, trainee: Trainee) -> bool:
        return self.leases.holds(trainee.job.lease)

    def note(self, trainee: Trainee, sentence: str) -> None:
        _log(trainee.job, sentence)

    def epoch_done(self, pack: Pack, trainees: list[Trainee]) -> None:
        for trainee in trainees:
            row = trainee.lane.rows[-1]  # of this epoch, unless it diverged
            said = "not finite: diverged"
            if not trainee.lane.diverged:
                losses = f"train loss {row.train_loss:.6g}, test loss {row.test_loss:.6g}"
                said = f"{losses}, {row.seconds:.2f} s"
            _log(trainee.job, f"epoch {pack.epoch - 1} of {pack.task['epochs']}: {said}")
        self.on_epoch(pack, trainees)

    def ended(self, trainee: Trainee, mates: int) -> None:
        """Write the run's file; one that cannot be written fails, and its mates go on."""
        job, lane = trainee.job, trainee.lane
        self.unfinished.remove(job)
        if not self.may_write(trainee):
            _log(job, "not written: another process took this run over; its result will stand")
            self.failed.append(job)
            return
        try:
            write_table(job.out, to_table(lane.rows), self._record(trainee, mates))
            job.checkpoint.unlink(missing_ok=True)
            self.leases.release(job.lease)
            if job.done:
                job.done.touch()
        except OSError as reason:
            _log(job, f"{job.out}: could not be written: {reason}")
            self.failed.append(job)
            return
        _log(job, f"diverged in epoch {lane.diverged}" if lane.diverged else "finished")

    def _record(self, trainee: Trainee, mates: int) -> dict:
        job, lane = trainee.job, trainee.lane
        return make_record(
            "run",
            str(job.out),
            inputs=[self.input],
            step=STEP,
            settings=job.spec,
            started=self.started,
            finished=time.time(),
            status="diverged" if lane.diverged else "finished",
            root=self.root,
            diverged_epoch=lane.diverged,
            pack_mates=[other.name for other in self.jobs if other is not job],
            lanes_at_end=mates,
            attempt=job.attempt,
            resumed_from=trainee.resumed,
            device=str(self.device),
            execution=self.execution.resolved(self.device),
            peak_memory_mb=_peak_memory_mb(self.device),
        )


def _peak_memory_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _log(job: Job, line: str) -> None:
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {job.name} {line}\n"
    try:
        if job.log is not None:
            job.log.parent.mkdir(parents=True, exist_ok=True)
            with job.log.open("a", encoding="utf-8") as file:
                file.write(text)
            return
    except OSError:  # a full disk costs the log, not the training
        pass
    sys.stderr.write(text)
