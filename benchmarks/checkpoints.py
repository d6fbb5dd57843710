"""What checkpoints cost for the paper's largest model, the LSTM of figures 8 and 9 (19.8 M).

    python benchmarks/checkpoints.py           a full pack, three saves; about a minute, 6 GB

A save is the weights, velocities and hidden state of every lane, copied, digested and written with
fsync to the current folder's file system. Its share of the time is for a pack that saves as often
as the trainer does: every 300 s, or less often where a save is expensive (`CHECKPOINT_SHARE`).
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from parts.options import at_least, in_a_sentence
from rows import here, save, show

from largebatch.data.load import Dataset
from largebatch.study import load_study
from largebatch.training import checkpoint
from largebatch.training.checkpoint import Checkpoint
from largebatch.training.device import choose, set_up
from largebatch.training.drive import CHECKPOINT_SHARE, RARER
from largebatch.training.pack import Lane, Pack
from largebatch.training.worker import CHECKPOINT_SECONDS


@in_a_sentence
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lanes", type=at_least(1), default=20)
    parser.add_argument("--saves", type=at_least(1), default=3)
    parser.add_argument("--device", default="cpu", choices=["auto", "cpu", "cuda"])
    arguments = parser.parse_args()
    pack = largest_pack(arguments.lanes, choose(arguments.device))
    with tempfile.TemporaryDirectory(dir=".") as folder:
        seconds = [save_all(pack, Path(folder)) for _ in range(arguments.saves)]
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
    rows = [row(len(pack.lanes), len(seconds), size, statistics.median(seconds))]
    show(rows)
    print(save("checkpoints", rows, here()))


def largest_pack(lanes: int, device: torch.device) -> Pack:
    """A pack of the LSTM's task at batch 256, on random words; fewer lanes if it has fewer runs."""
    study = load_study("paper")
    runs = [run for run in study.runs if run.task == "lstm_ptb" and run.batch == 256][:lanes]
    words = torch.randint(0, 10_000, (40_000,), dtype=torch.int32)
    data = Dataset.of({"train_tokens": words, "test_tokens": words}, {"vocabulary": 10_000})
    set_up(device, "fp32")
    return Pack([Lane(study.spec(run)) for run in runs], data, device)


def save_all(pack: Pack, folder: Path) -> float:
    """Seconds that a checkpoint of every lane takes."""
    began = time.monotonic()
    for number, lane in enumerate(pack.lanes):
        state = Checkpoint("made by", pack.epoch, pack.step, lane.rows, pack.export(lane))
        checkpoint.save(folder / f"{number}.checkpoint", state)
    return time.monotonic() - began


def row(lanes: int, saves: int, size: float, seconds: float) -> dict:
    asked = CHECKPOINT_SECONDS
    interval = max(asked, min(seconds / CHECKPOINT_SHARE, RARER * asked))
    return {
        "lanes": lanes,
        "n": saves,
        "mb": size,
        "save_s": seconds,
        "interval_s": interval,
        "share_percent": 100 * seconds / (interval + seconds),
    }


if __name__ == "__main__":
    sys.exit(main())
