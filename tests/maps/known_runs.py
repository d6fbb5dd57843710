"""Runs whose maps are known by hand."""

import numpy as np
import pyarrow as pa

from largebatch.analysis.histories import History
from largebatch.analysis.maps.task_runs import Point, TaskRuns

STEPS = {1: 100, 10: 10}  # an epoch, by batch
METRICS = {"t": {"train_loss": "squared error", "test_loss": "squared error"}}

Run = tuple[Point, int, History]  # where among the runs of a task, seed


def stored(batch, optimizer, lr, seed, losses, diverged=False) -> Run:
    """A run with these training losses after epochs 1, 2, ...; the test loss is one more."""
    epochs = np.arange(len(losses) + 1)
    table = pa.table(
        {
            "epoch": epochs,
            "step": epochs * STEPS[batch],
            "train_loss": [None, *map(float, losses)],
            "test_loss": [9.0, *(1.0 + loss for loss in losses)],
            "seconds": [7.0, *[0.5] * len(losses)],
        }
    )
    return Point(batch, optimizer, lr), seed, History(diverged, table, {"name": "a run"})


def task(*runs: Run) -> TaskRuns:
    points = {}
    for point, seed, run in runs:
        points.setdefault(point, {})[seed] = run
    return TaskRuns("t", ("train_loss", "test_loss"), points)
