"""A complete tiny study, written with the records room: 2 figures, 12 runs, pictures, git history.

Its package is a stand-in with a few lines per step, so that tests can edit code.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from gitting import git
from matplotlib import rc_context
from matplotlib.figure import Figure as Canvas
from verdicts import DATA, RUN, TABLE

from largebatch.audit import audit_one
from largebatch.audit.subjects.subject import Subject
from largebatch.data.load import read_dataset_digest, read_dataset_record
from largebatch.data.store import write_dataset
from largebatch.records import (
    code_digest,
    data_input,
    identity,
    make_record,
    mark,
    read_artefact,
    read_with_record,
    table_digest,
    write_sidecar,
    write_table,
)
from largebatch.records import record as record_room
from largebatch.study import Figure, Optimizer, Run, Study, Sweep, Task

PACKAGE = {
    "data/prepare.py": "SIZE = 60",
    "training/worker.py": "from largebatch.training.schedule import rate\n"
    "from largebatch.training.build import MODELS\nimport largebatch.errors",
    "training/build.py": "from largebatch.models.knot import Knot\n"
    "from largebatch.models.net import Net\nMODELS = {'knot': Knot, 'net': Net}",
    "models/knot.py": "class Knot:\n    loops = 3",
    "models/net.py": "class Net:\n    units = 8",
    "training/schedule.py": '"""Rates."""\ndef rate(epoch):\n    drop = 0.5 ** epoch  # halves\n'
    "    return drop",
    "errors.py": "class UserError(Exception): ...",
    "analysis/tables.py": "from largebatch.analysis.mean import mean",
    "analysis/mean.py": "def mean(x):\n    return sum(x) / len(x)",
    "figures/draw.py": "STYLE = 'style.mplstyle'",
    "figures/style.mplstyle": "font.size: 8",
}
RUN_SECONDS = 100.0


SETTINGS = {"dataset": "dots", "model": {"kind": "net"}, "last_batch": "drop"}
EXAMPLES, BATCH = 60, 8


def tiny_study(epochs: int = 3, seeds: tuple[int, ...] = (0, 1), title: str = "Dots") -> Study:
    """Two sweeps; fig1 shows the first, fig3 both."""
    task = Task("net_dots", SETTINGS | {"epochs": epochs})
    sweeps = [
        Sweep("few", "net_dots", BATCH, ("sgd", "momentum-0.9"), (0.5, 2.0), seeds, True),
        Sweep("more", "net_dots", BATCH, ("momentum-0.99",), (0.5, 2.0), (0, 1), True),
    ]
    figures = [
        Figure("fig1", title, "sweep", ("few",), ("test_loss",), None),
        Figure("fig3", "Momenta", "momenta", ("few", "more"), ("test_loss",), None),
    ]
    return Study(
        name="tiny",
        file=Path("config/studies/tiny.yaml"),
        title="A tiny study",
        notice=None,
        faithful=False,
        datasets={"dots": {"source": "digits"}},
        tasks={"net_dots": task},
        sweeps={sweep.name: sweep for sweep in sweeps},
        figures={figure.name: figure for figure in figures},
    )


def diverges(run: Run) -> bool:
    """Does this run diverge? It then does so in its last epoch."""
    return (run.lr, run.seed) == (2.0, 1)


@dataclass
class Checkout:
    """A checkout with its study's results, and the steps that made them."""

    root: Path
    study: Study

    def path(self, *names: str) -> Path:
        return self.root.joinpath(*names)

    def record(self, kind: str, name: str, step: str, start: float, **fields) -> dict:
        fields = {"status": "finished", "inputs": [], **fields}
        return make_record(
            kind, name, step=step, started=start, finished=start + 10, root=self.root, **fields
        )

    def prepare(self, start: float = 0.0, seed: int = 0) -> None:
        images = np.random.default_rng(seed).integers(0, 9, (EXAMPLES, 1, 2, 2), np.uint8)
        settings = self.study.datasets["dots"]
        record = self.record("data", DATA, "data", start, settings=settings)
        write_dataset(self.path(DATA), {"train_images": images}, {}, record)

    def train(self, run: Run) -> pa.Table:
        generator = np.random.default_rng([run.seed, int(run.lr * 10), len(run.optimizer)])
        epochs = self.study.tasks[run.task].epochs
        rows = epochs if diverges(run) else epochs + 1
        start = np.random.default_rng(run.seed).random()
        rate = run.lr * (1 - Optimizer.parse(run.optimizer).momentum)
        return pa.table(
            {
                "epoch": pa.array(range(rows), pa.int32()),
                "step": pa.array(EXAMPLES // BATCH * np.arange(rows)),
                "learning_rate": np.full(rows, rate),
                "train_loss": pa.array([None, *generator.random(rows - 1)], pa.float64()),
                "test_loss": np.array([start, *generator.random(rows - 1)]),
                "train_accuracy": pa.nulls(rows, pa.float64()),
                "test_accuracy": pa.nulls(rows, pa.float64()),
                "seconds": np.random.default_rng().random(rows),
            }
        )

    def train_all(self, runs: list[Run], start: float = RUN_SECONDS) -> None:
        data = self.path(DATA)
        inputs = [data_input(DATA, read_dataset_digest(data), read_dataset_record(data))]
        for run in runs:
            facts = {"status": "finished"}
            if diverges(run):
                last = self.study.tasks[run.task].epochs
                facts = {"status": "diverged", "diverged_epoch": last}
            settings = self.study.spec(run)
            record = self.record(
                "run", run.path, "train", start, inputs=inputs, settings=settings, **facts
            )
            write_table(self.path(run.path), self.train(run), record)

    def build(self, figure: str) -> pa.Table:
        rows = []
        for run in self.study.runs_of(figure):
            losses = read_artefact(self.path(run.path), run.path).table["test_loss"]
            rows.append({"optimizer": run.optimizer, "lr": run.lr, "mean": pc.mean(losses).as_py()})
        return pa.Table.from_pylist(rows)

    def table(self, figure: str, start: float = 200.0) -> None:
        name = f"results/tiny/tables/{figure}.parquet"
        runs = self.study.runs_of(figure)
        inputs = [read_artefact(self.path(run.path), run.path).as_input for run in runs]
        settings = self.study.figure_settings(figure)
        record = self.record("table", name, "table", start, inputs=inputs, settings=settings)
        write_table(self.path(name), self.build(figure), record)

    def identity(self, figure: str, table: pa.Table) -> str:
        code = code_digest("figure", self.root / "src" / "largebatch")["digest"]
        settings = {**self.study.figure_settings(figure), "runs": self.runs(figure)}
        return identity(f"tiny/{figure}", table_digest(table), code, settings)

    def runs(self, figure: str) -> dict[str, int]:
        count = len(self.study.runs_of(figure))
        return {"present": count, "planned": count}

    def build_of(self, subject: Subject) -> pa.Table:
        return self.build(subject.of)

    def draw_of(self, subject: Subject, table: pa.Table, folder: Path) -> list[Path]:
        return self.draw(subject.of, table, folder)

    def draw(self, figure: str, table: pa.Table, folder: Path) -> list[Path]:
        canvas = Canvas(figsize=(2, 1))
        canvas.add_subplot().plot(table["lr"].to_pylist(), table["mean"].to_pylist())
        label = mark(self.identity(figure, table))
        plain = {"CreationDate": None, "Creator": None, "Producer": None, "Keywords": label}
        canvas.savefig(folder / f"{figure}.png", dpi=60, metadata={"Identifier": label})
        canvas.savefig(folder / f"{figure}.pdf", metadata=plain)
        with rc_context({"svg.hashsalt": figure}):
            canvas.savefig(folder / f"{figure}.svg", metadata={"Identifier": label, "Date": None})
        return [folder / f"{figure}.{ending}" for ending in ("png", "pdf", "svg")]

    def figure(self, figure: str, start: float = 300.0) -> None:
        name = f"results/tiny/figures/{figure}"
        table = read_artefact(self.path(f"results/tiny/tables/{figure}.parquet"))
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        outputs = self.draw(figure, table.table, self.path(name).parent)
        settings = self.study.figure_settings(figure)
        record = self.record(
            "figure", name, "figure", start, inputs=[table.as_input], settings=settings,
            runs=self.runs(figure),
        )  # fmt: skip
        label = self.identity(figure, table.table)
        write_sidecar(self.path(f"{name}.json"), record, label, outputs)

    def remake(self, figure: str = "fig1", runs: list[Run] = ()) -> None:
        """Train these runs by the tree as it is now, and make the figure from all of its own."""
        record_room.snapshot.cache_clear()
        self.train_all(runs)
        self.table(figure)
        self.figure(figure)

    def reseal(self, change=lambda table: table, name: str = RUN, **fields) -> None:
        """Change a run or the table of fig1, with its digests, and make from it what is made."""
        table, record = read_with_record(self.path(name))
        write_table(self.path(name), change(table), record | fields)
        if name != TABLE:
            self.table("fig1")
        self.figure("fig1")

    def change_study(self, **changes) -> None:
        """Change the study file: `epochs`, `seeds` or the `title` of fig1."""
        self.study = tiny_study(**changes)

    def audit(self, figure: str = "fig1", **options):
        return audit_one(self.study, figure, self.root, **options)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.path(name)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def git(self, *arguments: str) -> str:
        return git(self.root, *arguments)


def make_checkout(root: Path) -> Checkout:
    for name, text in PACKAGE.items():
        path = root / "src" / "largebatch" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "envs").mkdir()
    (root / "envs" / "pipeline.lock").write_text(f"numpy=={np.__version__}\n")
    (root / ".gitignore").write_text("results/*\n!results/figures.lock\n")
    checkout = Checkout(root, tiny_study())
    checkout.git("init", "-q")
    checkout.git("add", "-A")
    checkout.git("commit", "-qm", "first")
    checkout.prepare()
    checkout.train_all(checkout.study.runs)
    for figure in checkout.study.figures:
        checkout.remake(figure)
    return checkout
