"""A study of two optimizers, three rates and three seeds, and run files with chosen numbers."""

from pathlib import Path

import pyarrow as pa

from largebatch.records import write_table
from largebatch.study import Figure, Run, Study, Sweep, Task

EPOCHS = 2
METRICS = ("test_loss", "test_accuracy")


def study_of(*sweeps: Sweep, kind: str = "sweep", metrics: tuple[str, ...] = METRICS) -> Study:
    """A study whose only figure, `fig1`, shows `sweeps`."""
    task = Task("tiny", {"epochs": EPOCHS, "model": {"kind": "wrn"}, "dataset": "none"})
    figure = Figure("fig1", "A figure", kind, tuple(s.name for s in sweeps), metrics, None)
    return Study(
        name="small",
        file=Path("config/studies/small.yaml"),
        title="",
        notice=None,
        faithful=False,
        datasets={"none": {}},
        tasks={"tiny": task},
        sweeps={sweep.name: sweep for sweep in sweeps},
        figures={"fig1": figure},
    )


def sweep_of(name: str = "sweep", batch: int = 8, **settings) -> Sweep:
    grid = {
        "optimizers": ("sgd", "momentum-0.9"),
        "effective_lrs": (0.5, 1.0, 2.0),
        "seeds": (0, 1, 2),
    }
    return Sweep(name=name, task="tiny", batch=batch, enabled=True, **{**grid, **settings})


class Files:
    """Run files below a temporary checkout."""

    def __init__(self, root: Path):
        self.root = root

    def write(self, run: Run, status: str = "finished", **columns: list) -> None:
        """`columns` hold one value per epoch, from epoch 0; the others hold nulls."""
        rows = len(next(iter(columns.values())))
        names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
        table = {"epoch": pa.array(range(rows), pa.int32())}
        table |= {name: pa.array(columns.get(name, [None] * rows), pa.float64()) for name in names}
        record = {"name": run.path, "status": status, "settings": study_of().spec(run)}
        write_table(self.root / run.path, pa.table(table), record)

    def final(self, run: Run, loss: float, accuracy: float = 0.5, status: str = "finished") -> None:
        """A run that ends with these two test metrics."""
        before = [9.0] * EPOCHS
        self.write(
            run, status, test_loss=[*before, loss], test_accuracy=[0.1] * EPOCHS + [accuracy]
        )


def rows(table: pa.Table, **which: object) -> list[dict]:
    return [r for r in table.to_pylist() if all(r[key] == value for key, value in which.items())]


def row(table: pa.Table, **which: object) -> dict:
    (found,) = rows(table, **which)
    return found


def of_point(study, optimizer: str, lr: float) -> list:
    return [run for run in study.runs_of("fig1") if (run.optimizer, run.lr) == (optimizer, lr)]
