"""Trains a pack from its start, or from its checkpoints, to its end."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

import torch

from largebatch.data.load import Dataset
from largebatch.errors import UserError
from largebatch.training import checkpoint
from largebatch.training.checkpoint import Checkpoint
from largebatch.training.execution import AUTO, Execution
from largebatch.training.job import Job
from largebatch.training.pack import Lane, Pack


class Stopped(Exception):
    """The process was told to stop; each trainee's `kept` says which checkpoint is on disk."""


@dataclass(eq=False)
class Trainee:
    """A job and its lane.

    resumed: {epoch, step} that it resumed from, or None. kept: (epoch, step) of our checkpoint on
    disk, or None.
    """

    job: Job
    made_by: str
    lane: Lane = field(init=False)
    saved: Checkpoint | None = None
    resumed: dict | None = None
    kept: tuple[int, int] | None = None


@dataclass
class Hooks:
    """What the driver calls to ask and tell its caller; tests may replace each function.

    told_to_stop: asked after every step. ended: a run finished or diverged. epoch_done: for logs
    and progress bars. note: a sentence for the run's log. may_write: whether the run is still ours
    to write.
    """

    told_to_stop: Callable[[], bool]
    ended: Callable[["Trainee", int], None]
    epoch_done: Callable[[Pack, list["Trainee"]], None]
    note: Callable[["Trainee", str], None]
    may_write: Callable[["Trainee"], bool]
    checkpoint_seconds: float


@dataclass(frozen=True)
class Place:
    """Where a pack is trained, and how."""

    data: Dataset
    device: torch.device
    execution: Execution = AUTO

    def pack(self, trainees: list[Trainee]) -> Pack:
        return Pack([t.lane for t in trainees], self.data, self.device, self.execution)


def drive(trainees: list[Trainee], place: Place, hooks: Hooks) -> None:
    """Train runs of one task and batch to their ends, each from its checkpoint or its start.

    Raises `Stopped` when told to stop.
    """
    for trainee in trainees:
        trainee.lane = Lane(trainee.job.spec)
        trainee.saved = saved = _load(trainee, hooks)
        trainee.kept = (saved.epoch, saved.step) if saved else None
    # Lanes march in lock step, so runs with checkpoints at different steps go in separate packs.
    trainees = sorted(trainees, key=_position, reverse=True)
    for _, together in groupby(trainees, key=_position):
        _drive_or_halve(list(together), place, hooks)


def _drive_or_halve(trainees: list[Trainee], place: Place, hooks: Hooks) -> None:
    """Train a pack; if it runs out of memory, train it in halves, which changes no run's bits."""
    try:
        _drive_together(trainees, place, hooks)
        return
    except torch.OutOfMemoryError:
        if len(trainees) == 1:
            raise
    # Freed only here, outside the handler: an exception keeps what it passed through alive.
    _free_memory()
    middle = len(trainees) // 2
    for half in (trainees[:middle], trainees[middle:]):
        for trainee in half:
            hooks.note(trainee, f"out of memory with {len(trainees)} lanes; again with {len(half)}")
        drive(half, place, hooks)


def _free_memory() -> None:
    """Collect garbage: a pack and its graphs refer to each other, so nothing else frees them."""
    gc.collect()
    torch.cuda.empty_cache()


def _position(trainee: Trainee) -> tuple[int, int]:
    return trainee.kept or (0, 0)


def _load(trainee: Trainee, hooks: Hooks) -> Checkpoint | None:
    """The run's checkpoint, if it has a good one; a bad one is only noted in the log."""
    path = trainee.job.checkpoint
    if not path.exists():
        return None
    try:
        return checkpoint.load(path, trainee.made_by)
    except UserError as reason:
        hooks.note(trainee, str(reason))
        return None


def _drive_together(trainees: list[Trainee], place: Place, hooks: Hooks) -> None:
    pack = _start(trainees, place, hooks)
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
            # Dead lanes cost as much as live ones, so go on with a smaller pack of the live ones.
            states, where = [pack.export(t.lane) for t in trainees], (pack.epoch, pack.step)
            del pack  # two packs at once may not fit
            if not trainees:
                return
            _free_memory()
            pack = place.pack(trainees)
            pack.restore(states, *where)
    for trainee in trainees:
        hooks.ended(trainee, len(pack.lanes))


def _start(trainees: list[Trainee], place: Place, hooks: Hooks) -> Pack:
    pack = place.pack(trainees)
    saved = trainees[0].saved
    if saved is None:
        pack.initialise()
        return pack
    for trainee in trainees:
        trainee.lane.rows = list(trainee.saved.rows)  # type: ignore[union-attr]
        trainee.resumed = {"epoch": saved.epoch, "step": saved.step}
        hooks.note(trainee, f"resumed from epoch {saved.epoch}, step {saved.step}")
    pack.restore([t.saved.tensors for t in trainees], saved.epoch, saved.step)  # type: ignore[union-attr]
    for trainee in trainees:
        trainee.saved = None
    return pack


CHECKPOINT_SHARE = 0.015  # the share of the time that checkpoints may take
RARER = 4  # times the interval asked for, at most, to keep to that share


class _Pause:
    """Called after every step: saves when it is time, and says whether to stop."""

    def __init__(self, trainees: list[Trainee], hooks: Hooks):
        self.trainees, self.hooks = trainees, hooks
        self.saved_at, self.interval = time.monotonic(), hooks.checkpoint_seconds

    def __call__(self, pack: Pack) -> bool:
        stop = self.hooks.told_to_stop()
        if stop or time.monotonic() - self.saved_at > self.interval:
            self.save(pack)
        return stop

    def save(self, pack: Pack) -> None:
        began, asked = time.monotonic(), self.hooks.checkpoint_seconds
        for trainee in self.trainees:
            self._save_one(pack, trainee)
        self.saved_at = time.monotonic()
        affordable = (self.saved_at - began) / CHECKPOINT_SHARE
        self.interval = max(asked, min(affordable, RARER * asked))

    def _save_one(self, pack: Pack, trainee: Trainee) -> None:
        if not self.hooks.may_write(trainee):
            self.hooks.note(trainee, "no checkpoint: another process took this run over")
            trainee.kept = None
            return
        state = Checkpoint(
            trainee.made_by, pack.epoch, pack.step, trainee.lane.rows, pack.export(trainee.lane)
        )
        try:
            checkpoint.save(trainee.job.checkpoint, state)
        except OSError as reason:  # a full disk costs the checkpoint, not the training
            self.hooks.note(trainee, f"{trainee.job.checkpoint}: not saved: {reason}")
        else:
            trainee.kept = pack.epoch, pack.step
