"""What momentum gains over SGD, each at its own optimum, by batch (paper, sec. 3)."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pyarrow as pa

from largebatch.analysis.maps.task_runs import Point, TaskRuns
from largebatch.analysis.metrics import is_accuracy
from largebatch.analysis.over_seeds import over_seeds
from largebatch.study import Optimizer

SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),  # the one with momentum
        ("sgd_lr", pa.float64()),
        ("momentum_lr", pa.float64()),
        ("mean", pa.float64()),  # of the gain, over paired seeds
        ("std", pa.float64()),
        ("n", pa.int32()),
    ]
)


def gap_table(tasks: list[TaskRuns]) -> pa.Table:
    """The gains of momentum: SGD's loss less its own, or its accuracy less SGD's.

    Above 0 momentum is better. Each is at its own optimum for the metric.
    """
    return pa.Table.from_pylist([row for task in tasks for row in _rows(task)], schema=SCHEMA)


def _rows(task: TaskRuns) -> Iterator[dict]:
    others = [name for name in task.optimizers if Optimizer.parse(name).momentum]
    for metric, optimizer, batch in product(task.metrics, others, task.batches):
        sgd, other = (task.best(batch, name, metric) for name in ("sgd", optimizer))
        if sgd is None or other is None:
            continue
        gains = _paired(task, sgd, other, metric)
        if gains.size:
            yield {
                "task": task.name,
                "metric": metric,
                "batch": batch,
                "optimizer": optimizer,
                "sgd_lr": sgd.effective_lr,
                "momentum_lr": other.effective_lr,
                **over_seeds(gains),
            }


def _paired(task: TaskRuns, sgd: Point, other: Point, metric: str) -> np.ndarray:
    """The gains, (seeds,): runs of a seed share their start and order, so that noise cancels."""
    first, second = task.points[sgd], task.points[other]
    common = sorted(first.keys() & second.keys())
    sign = -1 if is_accuracy(metric) else 1
    gains = [first[seed].final(metric) - second[seed].final(metric) for seed in common]
    return sign * np.array(gains)
