"""Trains one pack, from its data to its files."""

import resource
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import torch

from largebatch.data.load import load_dataset
from largebatch.errors import UserError
from largebatch.records import (
    data_input,
    digest_of,
    make_record,
    read_record,
    snapshot,
    write_table,
)
from largebatch.training.device import set_up
from largebatch.training.drive import Hooks, Place, Stopped, Trainee, drive
from largebatch.training.execution import Execution
from largebatch.training.history import to_table
from largebatch.training.job import Job
from largebatch.training.leases.lease import Leases
from largebatch.training.leases.taking import Taken
from largebatch.training.log import log
from largebatch.training.pack import Pack

STEP = "train"


class PackWorker:
    """Writes one pack's files: logs while it runs, results and records as its runs end."""

    def __init__(
        self,
        taken: Taken,
        device: torch.device,
        execution: Execution,
        root: Path,
        on_epoch: Callable[[Pack, list[Trainee]], None],
        told_to_stop: Callable[[], bool],
        checkpoint_seconds: float,
        leases: Leases,
    ):
        self.jobs, self.arrived = list(taken.ours), taken.arrived
        self.root, self.on_epoch = root, on_epoch
        self.device, self.execution = device, execution
        self.leases = leases
        self.unfinished = list(self.jobs)
        self.failed: list[Job] = []
        self.started = time.time()
        self.hooks = Hooks(
            told_to_stop, self.ended, self.epoch_done, self.note, self.may_write, checkpoint_seconds
        )

    def run(self) -> list[Job]:
        first = self.jobs[0]
        set_up(self.device, first.spec["task"]["precision"])
        try:
            data = load_dataset(first.data, self.device, first.spec["data"])
            self.input = data_input(str(first.data), data.digest, data.record)
            spec = first.spec["task"], data.facts, first.spec["batch"]  # the same for all of them
            self.resolved = self.execution.resolved(self.device, *spec)
            code = snapshot(STEP, self.root)[0]["code"]["digest"]
            made_by = {job.out: digest_of([job.spec, data.digest, code]) for job in self.jobs}
            for job in self.arrived:
                if _made_by(job.out) == made_by[job.out]:
                    self.finished_elsewhere(job)
            for job in self.unfinished:
                log(job, f"started, {len(self.unfinished)} runs in the pack, {self.device}")
            trainees = [Trainee(job, made_by[job.out]) for job in self.unfinished]
            drive(trainees, Place(data, self.device, self.execution), self.hooks)
        except Stopped:
            for trainee in trainees:
                if trainee.job in self.unfinished:
                    log(trainee.job, _last_word(trainee))
            raise
        except UserError as sentence:
            self._all_failed(str(sentence))
        except Exception:
            self._all_failed(traceback.format_exc())
        return self.failed

    def _all_failed(self, why: str) -> None:
        for job in self.unfinished:
            log(job, why)
        self.failed += self.unfinished

    def _failed_alone(self, job: Job, why: str) -> None:
        log(job, why)
        self.unfinished.remove(job)
        self.failed.append(job)

    def may_write(self, trainee: Trainee) -> bool:
        return self.leases.holds(trainee.job.lease)

    def note(self, trainee: Trainee, sentence: str) -> None:
        log(trainee.job, sentence)

    def epoch_done(self, pack: Pack, trainees: list[Trainee]) -> None:
        for trainee in trainees:
            row = trainee.lane.rows[-1]  # of this epoch, unless it diverged
            said = "not finite: diverged"
            if not trainee.lane.diverged:
                losses = f"train loss {row.train_loss:.6g}, test loss {row.test_loss:.6g}"
                said = f"{losses}, {row.seconds:.2f} s"
            log(trainee.job, f"epoch {pack.epoch - 1} of {pack.task['epochs']}: {said}")
        self.on_epoch(pack, trainees)

    def finished_elsewhere(self, job: Job) -> None:
        """Drop a job that the last holder of its lease finished: same settings, data and code."""
        self.jobs.remove(job)
        self.unfinished.remove(job)
        self.leases.release(job.lease)
        if job.done:
            job.done.touch()
        log(job, "finished by another process while this one waited for its lease")

    def ended(self, trainee: Trainee, mates: int) -> None:
        """Write the run's file; if that fails, the run fails alone and its mates go on."""
        job, lane = trainee.job, trainee.lane
        if not self.may_write(trainee):
            said = "not written: another process took this run over; its result will stand"
            self._failed_alone(job, said)
            return
        try:
            write_table(job.out, to_table(lane.rows), self._record(trainee, mates))
            job.checkpoint.unlink(missing_ok=True)
            self.leases.release(job.lease)
            if job.done:
                job.done.touch()
        except OSError as reason:
            self._failed_alone(job, f"{job.out}: could not be written: {reason}")
            return
        self.unfinished.remove(job)
        log(job, f"diverged in epoch {lane.diverged}" if lane.diverged else "finished")

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
            execution=self.resolved,
            peak_memory_mb=_peak_memory_mb(self.device),
        )


def _last_word(stopped: Trainee) -> str:
    if stopped.kept is None:
        return "told to stop; no checkpoint was saved"
    epoch, step = stopped.kept
    return f"told to stop; its checkpoint is of epoch {epoch}, step {step}"


def _made_by(path: Path) -> str | None:
    """The digest of what made a run's file, as in `run`; None if the file is not whole."""
    try:
        record = read_record(path)
    except UserError:
        return None
    return digest_of([record["settings"], record["inputs"][0]["table"], record["code"]["digest"]])


def _peak_memory_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
