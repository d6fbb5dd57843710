"""Updates and seconds to a target, by batch (Shallue et al. 2018)."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pyarrow as pa

from largebatch.analysis.histories import History
from largebatch.analysis.maps.grid import Grid, Point
from largebatch.analysis.over_seeds import over_seeds

SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("target", pa.float64()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("unit", pa.string()),  # steps | seconds
        ("effective_lr", pa.float64()),  # the one that reaches the target first
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int32()),
    ]
)


def reach_table(grids: list[Grid]) -> pa.Table:
    """For each batch and optimizer, the rate whose seeds all reach the target, soonest on average.

    The target counts at the end of an epoch. Seconds are those of the packs that trained the runs,
    which share their time: they compare batches, not machines.
    """
    return pa.Table.from_pylist([row for grid in grids for row in _rows(grid)], schema=SCHEMA)


def target_of(grid: Grid) -> float:
    """The smallest value of the training metric that every batch reaches.

    A batch reaches it if all seeds of some rate and optimizer do. inf if at some batch every point
    has a seed that diverged.
    """
    reached = dict.fromkeys(grid.batches, float("inf"))
    for (batch, _, _), seeds in grid.points.items():
        worst_seed = max(_lowest(run, grid.metrics[0]) for run in seeds.values())
        reached[batch] = min(reached[batch], worst_seed)
    return max(reached.values())


def _lowest(run: History, metric: str) -> float:
    """The lowest value after any epoch; inf if the run diverged."""
    values = [] if run.diverged else run.values(metric)[1:]
    return float(np.fmin.reduce(values, initial=np.inf))


def _rows(grid: Grid) -> Iterator[dict]:
    target = target_of(grid)
    for batch, optimizer, unit in product(grid.batches, grid.optimizers, ("steps", "seconds")):
        points = grid.points_of(batch, optimizer)
        found = {point: _times(grid, point, target, unit) for point in points}
        reached = {point: times for point, times in found.items() if np.isfinite(times).all()}
        if reached and np.isfinite(target):
            first = min(reached, key=lambda point: (reached[point].mean(), point[2]))
            yield {
                "task": grid.task,
                "metric": grid.metrics[0],
                "target": target,
                "batch": batch,
                "optimizer": optimizer,
                "unit": unit,
                "effective_lr": first[2],
                **over_seeds(reached[first]),
            }


def _times(grid: Grid, point: Point, target: float, unit: str) -> np.ndarray:
    """The time of each seed to the target, (seeds,); inf where a run never reaches it."""
    runs = grid.points[point].values()
    return np.array([_first_at(run, grid.metrics[0], target, unit) for run in runs])


def _first_at(run: History, metric: str, target: float, unit: str) -> float:
    if run.diverged:
        return float("inf")
    at = run.column("step") if unit == "steps" else run.elapsed
    reached = at[1:][run.values(metric)[1:] <= target]
    return float(reached[0]) if reached.size else float("inf")
