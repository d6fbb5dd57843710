"""Run files and score arrays of studies whose truth is known."""

from dataclasses import dataclass

import numpy as np

from largebatch.records import write_table
from largebatch.study import Run, Study
from largebatch.training.history import Row, to_table

LEVEL = {"wrn": 2.3, "autoencoder": 50.0, "lstm": 4.0}  # loss of the untrained network


@dataclass(frozen=True)
class World:
    """How good a run becomes: a parabola in log2 of the rate, steeper for SGD above a threshold.

    optimum: log2 of the best rate at batch 1; it grows by `slope` per doubling of the batch. edge:
    the log2 over the optimum beyond which momentum or SGD diverges. noise: of a run's log loss;
    half of its variance is shared by all runs of a seed. speed: how fast an optimizer gets there
    from the untrained network, relative to the others.
    """

    optimum: float = -6.0
    slope: float = 1.0
    sgd_cost: float = 0.4
    threshold: float = 1.0
    edge: dict[str, float] | None = None
    noise: float = 0.003
    seconds: float = 1.0
    speed: dict[str, float] | None = None

    def log_loss(self, run: Run, random: np.random.Generator) -> float:
        x = np.log2(run.lr) - self.optimum - self.slope * np.log2(run.batch)
        penalty = self.sgd_cost * max(x - self.threshold, 0) if run.momentum == 0 else 0.0
        shared = np.random.default_rng(run.seed).standard_normal()
        own = random.standard_normal()
        return -1.5 + 0.02 * x**2 + penalty + self.noise * (shared + own) / np.sqrt(2)

    def diverges(self, run: Run) -> bool:
        x = np.log2(run.lr) - self.optimum - self.slope * np.log2(run.batch)
        limit = (self.edge or {}).get("sgd" if run.momentum == 0 else "momentum", np.inf)
        return bool(x > limit)


def write_runs(study: Study, root, world: World, runs: list[Run] | None = None) -> None:
    """The files of the runs (default: all of the figures and of what is switched on)."""
    figures = (run for figure in study.figures for run in study.runs_of(figure))
    for run in runs or dict.fromkeys([*study.runs, *figures]):
        write_run(study, root, run, world)


def write_run(study: Study, root, run: Run, world: World) -> None:
    task = study.tasks[run.task]
    diverged = world.diverges(run)
    rows = _rows(task, run, world, epochs=1 if diverged else task.epochs, diverged=diverged)
    record = {
        "kind": "run",
        "name": run.path,
        "status": "diverged" if diverged else "finished",
        "settings": study.spec(run),
    }
    write_table(root / run.path, to_table(rows), record)


def _rows(task, run: Run, world: World, epochs: int, diverged: bool) -> list[Row]:
    kind = task.model["kind"]
    level, images = LEVEL[kind], kind == "wrn"
    random = np.random.default_rng([run.seed, run.batch, int(run.lr * 2**20), len(run.optimizer)])
    final = np.exp(world.log_loss(run, random))
    per_epoch = 60_000 // run.batch
    speed = 8 * (world.speed or {}).get(run.optimizer, 1.0) / task.epochs
    rows = [Row(0, 0, run.lr, None, level, None, 0.1 if images else None, 0.0)]
    for epoch in range(1, epochs + 1):
        loss = final + (level - final) * np.exp(-speed * epoch)
        loss = float("nan") if diverged else float(min(loss, 2 * level))
        accuracy = max(0.1, 1 - 0.9 * loss / level) if images else None
        rows.append(
            Row(epoch, epoch * per_epoch, run.lr, loss, loss, accuracy, accuracy, world.seconds)
        )
    return rows
