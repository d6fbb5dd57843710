"""Updates and seconds to a target, by batch (Shallue et al. 2018)."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pyarrow as pa

from largebatch.analysis.histories import History
from largebatch.analysis.maps.task_runs import Point, TaskRuns
from largebatch.analysis.over_seeds import over_seeds

SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("target", pa.float64()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("unit", pa.string()),  # updates | seconds
        ("effective_lr", pa.float64()),  # the one that reaches the target first
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int32()),
    ]
)


def reach_table(tasks: list[TaskRuns]) -> pa.Table:
    """For each batch and optimizer, the rate whose seeds all reach the target, soonest on average.

    The target counts at the end of an epoch. Seconds are those of the packs that trained the runs,
    which share their time: they compare only runs of packs of one size.
    """
    return pa.Table.from_pylist([row for task in tasks for row in _rows(task)], schema=SCHEMA)


def common_target(task: TaskRuns) -> float:
    """The smallest value of the training metric that every batch reaches.

    A batch reaches it if all seeds of some rate and optimizer do. inf if at some batch every point
    has a seed that diverged.
    """
    reached = dict.fromkeys(task.batches, float("inf"))
    for point, seeds in task.points.items():
        worst_seed = max(_lowest(run, task.metrics[0]) for run in seeds.values())
        reached[point.batch] = min(reached[point.batch], worst_seed)
    return max(reached.values())


def _lowest(run: History, metric: str) -> float:
    """The lowest value after any epoch; inf if the run diverged. Before training there is none."""
    if run.diverged:
        return float("inf")
    return float(np.nanmin(run.values(metric), initial=np.inf))


def _rows(task: TaskRuns) -> Iterator[dict]:
    target = common_target(task)
    for batch, optimizer, unit in product(task.batches, task.optimizers, ("updates", "seconds")):
        points = task.points_of(batch, optimizer)
        found = {point: _times(task, point, target, unit) for point in points}
        reached = {point: times for point, times in found.items() if np.isfinite(times).all()}
        if reached and np.isfinite(target):
            first = min(reached, key=lambda point: (reached[point].mean(), point.effective_lr))
            yield {
                "task": task.name,
                "metric": task.metrics[0],
                "target": target,
                "unit": unit,
                **first._asdict(),
                **over_seeds(reached[first]),
            }


def _times(task: TaskRuns, point: Point, target: float, unit: str) -> np.ndarray:
    """The time of each seed to the target, (seeds,); inf where a run never reaches it."""
    runs = task.points[point].values()
    return np.array([_first_at(run, task.metrics[0], target, unit) for run in runs])


def _first_at(run: History, metric: str, target: float, unit: str) -> float:
    if run.diverged:
        return float("inf")
    at = run.column("step") if unit == "updates" else run.elapsed
    reached = at[run.values(metric) <= target]
    return float(reached[0]) if reached.size else float("inf")
