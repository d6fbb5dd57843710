"""Where a pack is, for people: a file that `largebatch status` reads, and a bar by hand."""

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

    first: the epoch that this process began with (more than 1: it went on from a checkpoint).
    elapsed: seconds since then; time: seconds since 1970.
    """
    started, first = time.time(), {}

    def on_epoch(pack: Pack, trainees: list[Trainee]) -> None:
        content = {
            "epoch": pack.epoch - 1,
            "epochs": pack.task["epochs"],
            "first": first.setdefault("epoch", pack.epoch - 1),
            "runs": [trainee.job.name for trainee in trainees],
            "elapsed": time.time() - started,
            "time": time.time(),
        }
        with contextlib.suppress(OSError):  # a full disk costs the news, not the training
            write_bytes(path, json.dumps(content).encode())

    return on_epoch


def to_bar(total_epochs: int) -> OnEpoch:
    """A progress bar on standard error: run-epochs done, the rate, the time left."""
    from tqdm import tqdm

    bar = tqdm(total=total_epochs, unit="epoch", smoothing=0)

    def on_epoch(pack: Pack, trainees: list[Trainee]) -> None:
        for trainee in trainees:
            left = pack.task["epochs"] - (pack.epoch - 1) if trainee.lane.diverged else 0
            bar.update(1 + left)
        if bar.n >= total_epochs:
            bar.close()

    return on_epoch
