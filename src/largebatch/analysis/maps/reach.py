"""Updates and seconds to a target, by batch (Shallue et al. 2018)."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pyarrow as pa

from largebatch.analysis.maps.grid import Grid, Point, Stored

SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("target", pa.float64()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("unit", pa.string()),  # steps | seconds
        ("effective_lr", pa.float64()),  # the one that is first at the target
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int32()),
    ]
)


def reach_table(grids: list[Grid]) -> pa.Table:
    """For each batch and optimizer the rate whose seeds all reach the target first, in the mean.

    The target counts at the end of an epoch. Seconds are those of the packs that trained the runs,
    which share their time: they compare batches, not machines.
    """
    return pa.Table.from_pylist([row for grid in grids for row in _rows(grid)], schema=SCHEMA)


def target_of(grid: Grid) -> float:
    """The training metric that every batch reaches, with all seeds of some rate and optimizer.

    The smallest such number; inf if at some batch every point has a seed that diverged.
    """
    reached = dict.fromkeys(grid.batches, float("inf"))
    for (batch, _, _), seeds in grid.points.items():
        worst_seed = max(_lowest(run, grid.metrics[0]) for run in seeds.values())
        reached[batch] = min(reached[batch], worst_seed)
    return max(reached.values())


def _lowest(run: Stored, metric: str) -> float:
    values = [value for epoch, value in run.metrics[metric].items() if epoch > 0]
    return float("inf") if run.diverged else min(values)


def _rows(grid: Grid) -> Iterator[dict]:
    target = target_of(grid)
    for batch, optimizer, unit in product(grid.batches, grid.optimizers, ("steps", "seconds")):
        points = [point for point in grid.points if point[:2] == (batch, optimizer)]
        found = {point: _times(grid, point, target, unit) for point in points}
        reached = {point: times for point, times in found.items() if np.isfinite(times).all()}
        if reached and np.isfinite(target):
            first = min(reached, key=lambda point: (reached[point].mean(), point[2]))
            times = reached[first]
            yield {
                "task": grid.task,
                "metric": grid.metrics[0],
                "target": target,
                "batch": batch,
                "optimizer": optimizer,
                "unit": unit,
                "effective_lr": first[2],
                "mean": float(times.mean()),
                "std": float(times.std(ddof=1)) if times.size > 1 else None,
                "n": times.size,
            }


def _times(grid: Grid, point: Point, target: float, unit: str) -> np.ndarray:
    """(seeds,), inf where a run never reaches the target."""
    runs = grid.points[point].values()
    return np.array([_first_at(run, grid.metrics[0], target, unit) for run in runs])


def _first_at(run: Stored, metric: str, target: float, unit: str) -> float:
    at = run.step if unit == "steps" else run.seconds
    values = run.metrics[metric].items()
    reached = [] if run.diverged else [e for e, value in values if e > 0 and value <= target]
    return float(at[min(reached)]) if reached else float("inf")
