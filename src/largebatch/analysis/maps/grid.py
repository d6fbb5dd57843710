"""The stored runs of a study as grids, one a task, whichever sweeps they belong to."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from largebatch.analysis.histories import metric_by_epoch
from largebatch.analysis.maps.planned import stored_runs, task_metrics
from largebatch.analysis.metrics import is_accuracy
from largebatch.analysis.stored import read_run
from largebatch.records import Artefact
from largebatch.study import Study

Point = tuple[int, str, float]  # batch, optimizer, effective_lr


@dataclass(frozen=True)
class Stored:
    """One run: its metrics by epoch, and where each epoch ended; `final` is NaN if it diverged."""

    metrics: dict[str, dict[int, float]]
    step: dict[int, int]
    seconds: dict[int, float]  # since the start of training; wall time of the pack
    diverged: bool

    def final(self, metric: str) -> float:
        """Of the last epoch."""
        return float("nan") if self.diverged else self.metrics[metric][max(self.step)]


@dataclass(frozen=True)
class Grid:
    """All runs of a task. metrics: of training, which is better when smaller, and of testing."""

    task: str
    metrics: tuple[str, str]
    points: dict[Point, dict[int, Stored]]  # seed: run

    @property
    def batches(self) -> list[int]:
        return sorted({batch for batch, _, _ in self.points})

    @property
    def optimizers(self) -> list[str]:
        return list(dict.fromkeys(optimizer for _, optimizer, _ in self.points))

    def finals(self, point: Point, metric: str) -> np.ndarray:
        """(seeds,), NaN where a run diverged."""
        return np.array([stored.final(metric) for stored in self.points[point].values()])

    def best(self, batch: int, optimizer: str, metric: str) -> Point | None:
        """The point with the best mean among those where no seed diverged (as in figures)."""
        sign = -1 if is_accuracy(metric) else 1
        sound = [
            (sign * self.finals(point, metric).mean(), point[2], point)
            for point in self.points
            if point[:2] == (batch, optimizer) and np.isfinite(self.finals(point, metric)).all()
        ]
        return min(sound)[2] if sound else None


def read_grids(study: Study, root: Path = Path(".")) -> tuple[list[Grid], list[dict]]:
    """The grid of every task that a figure shows and that has runs; and the runs as inputs."""
    grids, inputs, metrics = [], [], task_metrics(study)
    for task, runs in stored_runs(study, root).items():
        points: dict[Point, dict[int, Stored]] = defaultdict(dict)
        for run in runs:
            artefact = read_run(study, run, root)
            stored = _stored(artefact, metrics[task])
            points[run.batch, run.optimizer, run.lr][run.seed] = stored
            inputs.append(artefact.as_input)
        grids.append(Grid(task, metrics[task], dict(points)))
    return grids, inputs


def _stored(artefact: Artefact, metrics: tuple[str, ...]) -> Stored:
    table = artefact.table
    epochs = table["epoch"].to_pylist()
    seconds = np.cumsum([0.0, *table["seconds"].to_pylist()[1:]])
    return Stored(
        {metric: metric_by_epoch(table, metric) for metric in metrics},
        dict(zip(epochs, table["step"].to_pylist(), strict=True)),
        dict(zip(epochs, seconds.tolist(), strict=True)),
        artefact.record["status"] == "diverged",
    )
