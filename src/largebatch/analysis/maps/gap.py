"""What momentum gains over SGD, each at its own optimum, by batch (paper, sec. 3)."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pyarrow as pa

from largebatch.analysis.maps.grid import Grid, Point
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


def gap_table(grids: list[Grid]) -> pa.Table:
    """The gains of momentum: SGD's loss less its own, or its accuracy less SGD's.

    Above 0 momentum is better. Each is at its own optimum for the metric.
    """
    return pa.Table.from_pylist([row for grid in grids for row in _rows(grid)], schema=SCHEMA)


def _rows(grid: Grid) -> Iterator[dict]:
    others = [name for name in grid.optimizers if Optimizer.parse(name).momentum]
    for metric, optimizer, batch in product(grid.metrics, others, grid.batches):
        sgd, other = (grid.best(batch, name, metric) for name in ("sgd", optimizer))
        gains = _paired(grid, sgd, other, metric) if sgd and other else np.array([])
        if gains.size:
            yield {
                "task": grid.task,
                "metric": metric,
                "batch": batch,
                "optimizer": optimizer,
                "sgd_lr": sgd[2],
                "momentum_lr": other[2],
                **over_seeds(gains),
            }


def _paired(grid: Grid, sgd: Point, other: Point, metric: str) -> np.ndarray:
    """The gains, (seeds,): runs of a seed share their start and order, so that noise cancels."""
    first, second = grid.points[sgd], grid.points[other]
    common = sorted(first.keys() & second.keys())
    sign = -1 if is_accuracy(metric) else 1
    gains = [first[seed].final(metric) - second[seed].final(metric) for seed in common]
    return sign * np.array(gains)
