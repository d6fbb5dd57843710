"""A pack from its start, or from its checkpoints, to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from largebatch.data.load import Dataset
from largebatch.errors import UserError
from largebatch.training import checkpoint
from largebatch.training.checkpoint import Checkpoint
from largebatch.training.job import Job
from largebatch.training.pack import Lane, Pack


class Stopped(Exception):
    """The process was told to stop; every run's checkpoint is on disk."""


@dataclass(eq=False)
class Trainee:
    """A job with its lane; `resumed` is where it went on from: {epoch, step}, or None."""

    job: Job
    lane: Lane
    made_by: str
    saved: Checkpoint | None = None
    resumed: dict | None = None


@dataclass
class Hooks:
    """What the driver tells the outside: each method may be replaced by a test.

    told_to_stop: asked after every step. ended: a run finished or diverged. epoch_done: for logs
    and progress bars. note: a sentence worth a line in the run's log.
    """

    told_to_stop: Callable[[], bool]
    ended: Callable[["Trainee", int], None]
    epoch_done: Callable[[Pack, list["Trainee"]], None]
    note: Callable[["Trainee", str], None]
    may_write: Callable[["Trainee"], bool]
    checkpoint_seconds: float


def drive(jobs: list[Job], made_by: list[str], data: Dataset, device, hooks: Hooks) -> None:
    """Train the jobs (one task, one batch) to their ends. Raises `Stopped`."""
    trainees = [
        Trainee(job, Lane(job.spec), maker) for job, maker in zip(jobs, made_by, strict=True)
    ]
    for trainee in trainees:
        trainee.saved = _load(trainee, hooks)
    # Lanes march in lock step, so runs whose checkpoints stand elsewhere make packs of their own.
    trainees.sort(key=_position, reverse=True)
    for _, together in groupby(trainees, key=_position):
        _drive_together(list(together), data, device, hooks)


def _position(trainee: Trainee) -> tuple[int, int]:
    return (trainee.saved.epoch, trainee.saved.step) if trainee.saved else (0, 0)


def _load(trainee: Trainee, hooks: Hooks) -> Checkpoint | None:
    """The run's checkpoint if there is a good one; a bad one is a note in the log, no more."""
    path = trainee.job.checkpoint
    if not path.exists():
        return None
    try:
        return checkpoint.load(path, trainee.made_by)
    except UserError as reason:
        hooks.note(trainee, str(reason))
        return None


def _drive_together(trainees: list[Trainee], data: Dataset, device, hooks: Hooks) -> None:
    pack = _start(trainees, data, device, hooks)
    pause = _Pause(trainees, hooks)
    while trainees and not pack.finished:
        if not pack.train_epoch(pause):
            raise Stopped
        hooks.epoch_done(pack, trainees)
        diverged = [t for t in trainees if t.lane.diverged]
        if diverged:
            for trainee in diverged:
                hooks.ended(trainee, len(pack.lanes))
            trainees[:] = [t for t in trainees if not t.lane.diverged]
            pack = _without_diverged(pack, trainees, data, device)
    for trainee in trainees:
        hooks.ended(trainee, len(pack.lanes))


def _start(trainees: list[Trainee], data: Dataset, device, hooks: Hooks) -> Pack:
    pack = Pack([t.lane for t in trainees], data, device)
    saved = trainees[0].saved
    if saved is None:
        pack.initialise()
        return pack
    for trainee in trainees:
        trainee.lane.rows = list(trainee.saved.rows)
        trainee.resumed = {"epoch": saved.epoch, "step": saved.step}
        hooks.note(trainee, f"resumed from epoch {saved.epoch}, step {saved.step}")
    pack.restore([t.saved.tensors for t in trainees], saved.epoch, saved.step)
    for trainee in trainees:
        trainee.saved = None
    return pack


def _without_diverged(pack: Pack, trainees: list[Trainee], data: Dataset, device) -> Pack:
    """A smaller pack of the lanes that are left: dead lanes would cost as much as live ones."""
    if not trainees:
        return pack
    smaller = Pack([t.lane for t in trainees], data, device)
    smaller.restore([pack.export(t.lane) for t in trainees], pack.epoch, pack.step)
    return smaller


class _Pause:
    """Called after every step: saves when it is time, and says whether to stop."""

    def __init__(self, trainees: list[Trainee], hooks: Hooks):
        self.trainees, self.hooks = trainees, hooks
        self.saved_at = time.monotonic()

    def __call__(self, pack: Pack) -> bool:
        stop = self.hooks.told_to_stop()
        if stop or time.monotonic() - self.saved_at > self.hooks.checkpoint_seconds:
            self.save(pack)
        return stop

    def save(self, pack: Pack) -> None:
        for trainee in self.trainees:
            self._save_one(pack, trainee)
        self.saved_at = time.monotonic()

    def _save_one(self, pack: Pack, trainee: Trainee) -> None:
        if not self.hooks.may_write(trainee):
            self.hooks.note(trainee, "no checkpoint: another process took this run over")
            return
        state = Checkpoint(
            trainee.made_by, pack.epoch, pack.step, trainee.lane.rows, pack.export(trainee.lane)
        )
        try:
            checkpoint.save(trainee.job.checkpoint, state)
        except OSError as reason:  # a full disk costs the checkpoint, not the training
            self.hooks.note(trainee, f"{trainee.job.checkpoint}: not saved: {reason}")
