"""Shows how far a pack is: a file that `largebatch status` reads, or a bar for runs by hand."""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from largebatch.records import write_bytes
from largebatch.training.drive import Trainee
from largebatch.training.pack import Pack

OnEpoch = Callable[[Pack, list[Trainee]], None]


def to_file(path: Path) -> OnEpoch:
    """Write {epoch, epochs, first, runs, elapsed, time} to `path` after every epoch, atomically.

    first: the epoch that these runs began with here (more than 1 if they resumed from a
    checkpoint). elapsed: seconds since then; time: seconds since 1970. Runs resumed from another
    step, or started again in halves, follow the others in the same process, and `first` and
    `elapsed` begin anew.
    """
    last, ended = None, time.time()  # the previous epoch, and when it ended
    first, began = 0, 0.0

    def on_epoch(pack: Pack, trainees: list[Trainee]) -> None:
        nonlocal last, ended, first, began
        epoch = pack.epoch - 1
        if last is None or epoch <= last:  # type: ignore[unreachable]
            first, began = epoch, ended
        last, ended = epoch, time.time()
        content = {
            "epoch": epoch,
            "epochs": pack.task["epochs"],
            "first": first,
            "runs": [trainee.job.name for trainee in trainees],
            "elapsed": ended - began,
            "time": ended,
        }
        with contextlib.suppress(OSError):  # a full disk costs the report, not the training
            write_bytes(path, json.dumps(content).encode())

    return on_epoch


def to_bar(total_epochs: int) -> OnEpoch:
    """A progress bar on standard error: run-epochs done, the rate, the time left.

    Epochs before the checkpoint that a run resumed from count as done, and took no time here; those
    that it repeats, in halves, count as undone again.
    """
    from tqdm import tqdm

    bar = tqdm(total=total_epochs, unit="epoch", smoothing=0)
    done: dict[str, int] = {}  # epochs of each run

    def on_epoch(pack: Pack, trainees: list[Trainee]) -> None:
        epoch, last = pack.epoch - 1, pack.task["epochs"]
        for trainee in trainees:
            name = trainee.job.name
            if name not in done:
                done[name] = epoch - 1
                bar.initial += epoch - 1
                bar.update(epoch - 1)
            now = last if trainee.lane.diverged else epoch
            bar.update(now - done[name])
            done[name] = now
        if bar.n >= total_epochs:
            bar.close()

    return on_epoch
