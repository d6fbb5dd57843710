"""The stored runs of a study by task, whichever sweeps they belong to."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from largebatch.analysis.histories import History, read_history
from largebatch.analysis.maps.planned import task_metrics
from largebatch.analysis.optimum import optimum
from largebatch.analysis.over_seeds import over_seeds
from largebatch.study import Run, Study


class Point(NamedTuple):
    """What runs that differ only in their seed have in common."""

    batch: int
    optimizer: str
    effective_lr: float


@dataclass(frozen=True)
class TaskRuns:
    """All stored runs of a task. metrics: of training (smaller is better) and of testing."""

    name: str
    metrics: tuple[str, str]
    points: dict[Point, dict[int, History]]  # by seed

    @property
    def batches(self) -> list[int]:
        return sorted({point.batch for point in self.points})

    @property
    def optimizers(self) -> list[str]:
        return list(dict.fromkeys(point.optimizer for point in self.points))

    def points_of(self, batch: int, optimizer: str) -> list[Point]:
        return [point for point in self.points if point[:2] == (batch, optimizer)]

    def finals(self, point: Point, metric: str) -> np.ndarray:
        """(seeds,), NaN where a run diverged."""
        return np.array([history.final(metric) for history in self.points[point].values()])

    def best(self, batch: int, optimizer: str, metric: str) -> Point | None:
        """The optimum of one optimizer at one batch, by the figures' rule; None if it has none."""
        rows = [
            {"metric": metric, **point._asdict(), **over_seeds(self.finals(point, metric))}
            for point in self.points_of(batch, optimizer)
        ]
        lr = optimum(rows, metric)
        return None if lr is None else Point(batch, optimizer, lr)


def read_task_runs(
    study: Study, stored: dict[str, list[Run]], root: Path = Path(".")
) -> tuple[list[TaskRuns], list[dict]]:
    """Read the `planned.stored_runs` of each task; returns them, and the runs as inputs."""
    tasks, inputs, metrics = [], [], task_metrics(study)
    for task, runs in stored.items():
        points: dict[Point, dict[int, History]] = defaultdict(dict)
        for run in runs:
            history = read_history(study, run, root)
            points[Point(run.batch, run.optimizer, run.lr)][run.seed] = history
            inputs.append(history.source)
        tasks.append(TaskRuns(task, metrics[task], dict(points)))
    return tasks, inputs
