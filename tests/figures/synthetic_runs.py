"""Plausible made-up runs of a whole study: for looking at figures, and for testing them."""

import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from largebatch.records import write_table
from largebatch.study import Run, Study

START = {"wrn": 2.3, "autoencoder": 60.0, "lstm": 9.2}
BEST = {"wrn": 0.002, "autoencoder": 3.0, "lstm": 4.4}


def write_runs(study: Study, root: Path, figures: list[str] | None = None) -> None:
    """The runs of `figures` (default all): slow below the optimum, broken far above it."""
    wanted = figures or list(study.figures)
    for run in dict.fromkeys(run for figure in wanted for run in study.runs_of(figure)):
        table, diverged = history(study, run)
        status = "diverged" if diverged else "finished"
        record = {"name": run.path, "status": status, "settings": study.spec(run)}
        write_table(root / run.path, table, record)


def history(study: Study, run: Run) -> tuple[pa.Table, bool]:
    """A run table, and whether it diverged. Momentum is stable at four times the rate of SGD."""
    task = study.tasks[run.task]
    kind = task.model["kind"]
    rng = np.random.default_rng(zlib.crc32(run.name.encode()))
    grid = sorted(other.lr for other in study.runs if other.pack == run.pack)
    place = np.log2(run.lr / grid[0]) / np.log2(grid[-1] / grid[0])  # 0 ... 1
    limit = 0.62 + 0.2 * run.momentum - 2.5 * max(0.0, run.momentum - 0.9)
    excess = place - limit + 0.04 * rng.normal()
    start, best = START[kind], BEST[kind]
    progress = np.linspace(0, 1, task.epochs + 1)
    speed = (1.5 + 8 * place) * (1.2 if run.momentum > 0.95 else 1)
    loss = best + (start - best) * np.exp(-speed * progress) + 3 * best * (0.7 - place) ** 2
    loss = loss * (1 + 0.05 * rng.normal(size=loss.size) * (1 - 0.7 * progress))
    if excess > 0:
        loss = loss + start * excess * (1.5 - progress) * rng.uniform(0, 2, size=loss.size)
    diverged = bool(excess > 0.17)
    if not diverged and excess > 0.10 and kind == "autoencoder":
        loss = loss * 10.0 ** rng.uniform(3, 6)  # absurd, but finite
    stop = max(2, loss.size // 3) if diverged else loss.size
    return _table(task, kind, start, loss[:stop], diverged), diverged


def _table(task, kind: str, start: float, loss: np.ndarray, diverged: bool) -> pa.Table:
    epochs = np.arange(loss.size)
    test = loss * 1.1 + 0.03 * start
    if diverged:
        loss, test = np.append(loss[:-1], np.nan), np.append(test[:-1], np.nan)
    accuracy = np.clip(0.97 - 0.38 * test, 0.1, 1)
    is_image = kind == "wrn"
    return pa.table(
        {
            "epoch": pa.array(epochs, pa.int32()),
            "step": pa.array(epochs * 10, pa.int64()),
            "learning_rate": pa.array(np.full(loss.size, 0.1)),
            "train_loss": pa.array([None, *loss[1:].tolist()], pa.float64()),
            "test_loss": pa.array(test),
            "train_accuracy": pa.array([None] * loss.size, pa.float64()),
            "test_accuracy": pa.array(accuracy if is_image else [None] * loss.size, pa.float64()),
            "seconds": pa.array(np.full(loss.size, 1.0)),
        }
    )
