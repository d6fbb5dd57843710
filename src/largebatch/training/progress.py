"""Where a pack is, for people: a file that `largebatch status` reads, and a bar by hand."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from largebatch.records import write_bytes
from largebatch.training.drive import Trainee
from largebatch.training.pack import Pack

OnEpoch = Callable[[Pack, list[Trainee]], None]


def to_file(path: Path) -> OnEpoch:
    """Write {epoch, epochs, runs, elapsed, time} to `path` after every epoch, atomically.

    elapsed: seconds since the first call's epoch began; time: seconds since 1970.
    """
    started = time.time()

    def on_epoch(pack: Pack, trainees: list[Trainee]) -> None:
        content = {
            "epoch": pack.epoch - 1,
            "epochs": pack.task["epochs"],
            "runs": [trainee.job.name for trainee in trainees],
            "elapsed": time.time() - started,
            "time": time.time(),
        }
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
