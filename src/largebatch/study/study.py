"""A study: one YAML file becomes a list of frozen runs, here and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.amount import Amount, guessed
from largebatch.study.run import Run


@dataclass(frozen=True)
class Task:
    """All about training except batch, optimizer, rate and seed; `settings` contains no nulls."""

    name: str
    settings: dict

    @property
    def dataset(self) -> str:
        return self.settings["dataset"]

    @property
    def model(self) -> dict:
        return self.settings["model"]

    @property
    def epochs(self) -> int:
        return self.settings["epochs"]


@dataclass(frozen=True)
class Sweep:
    """A grid of runs; `group` is the name by which a disabled sweep can be switched on."""

    name: str
    task: str
    batch: int
    optimizers: tuple[str, ...]
    effective_lrs: tuple[float, ...]
    seeds: tuple[int, ...]
    enabled: bool
    group: str | None = None

    @property
    def size(self) -> int:
        return len(self.optimizers) * len(self.effective_lrs) * len(self.seeds)

    def runs(self, study: str) -> list[Run]:
        return [
            Run(study, self.task, self.batch, optimizer, lr, seed)
            for optimizer in self.optimizers
            for lr in self.effective_lrs
            for seed in self.seeds
        ]


@dataclass(frozen=True)
class Figure:
    """What a figure shows; `kind` is sweep or momenta, and the last metric decides the optimum."""

    name: str
    title: str
    kind: str
    sweeps: tuple[str, ...]
    metrics: tuple[str, ...]
    paper_optimum: float | None


@dataclass(frozen=True)
class Study:
    """A whole study; `file` is its YAML file, and `notice` is printed on every figure.

    prepared: finds out how much a prepared data set holds; None of one that is not prepared.
    """

    name: str
    file: Path
    title: str
    notice: str | None
    faithful: bool
    datasets: dict[str, dict]
    tasks: dict[str, Task]
    sweeps: dict[str, Sweep]
    figures: dict[str, Figure]
    prepared: Callable[[str], Amount | None] | None = None

    @cached_property
    def runs(self) -> list[Run]:
        """The runs of all enabled sweeps, each once, in the order of the sweeps."""
        enabled = (sweep for sweep in self.sweeps.values() if sweep.enabled)
        return list(dict.fromkeys(run for sweep in enabled for run in sweep.runs(self.name)))

    @cached_property
    def by_file(self) -> dict[str, Run]:
        """All runs by file, including those of disabled sweeps."""
        sweeps = self.sweeps.values()
        return {run.path: run for sweep in sweeps for run in sweep.runs(self.name)}

    def runs_of(self, figure: str) -> list[Run]:
        """The runs that a figure shows, in the order of its sweeps. Raises what `figure` raises."""
        sweeps = (self.sweeps[name] for name in self.figure(figure).sweeps)
        return list(dict.fromkeys(run for sweep in sweeps for run in sweep.runs(self.name)))

    def used_datasets(self) -> list[str]:
        """Names of the data sets that the runs need."""
        return list(dict.fromkeys(self.tasks[run.task].dataset for run in self.runs))

    def datasets_of(self, figure: str) -> list[str]:
        """Names of the data sets that a figure's runs need. Raises what `figure` raises."""
        tasks = (self.sweeps[name].task for name in self.figure(figure).sweeps)
        return list(dict.fromkeys(self.tasks[task].dataset for task in tasks))

    def amount(self, dataset: str) -> Amount:
        """How much data there is, as the prepared file tells, or else as the settings do."""
        found = self.prepared(dataset) if self.prepared else None
        return found or guessed(self.datasets[dataset])

    def spec(self, run: Run) -> dict:
        """Its resolved settings: all that a run's numbers depend on except code and data."""
        task = self.tasks[run.task]
        return {
            "task": {"name": task.name, **task.settings},
            "data": self.datasets[task.dataset],
            "batch": run.batch,
            "optimizer": run.optimizer,
            "momentum": run.momentum,
            "effective_lr": run.lr,
            "seed": run.seed,
        }

    def figure_settings(self, figure: str) -> dict:
        """All that a figure's table and picture depend on except code and the runs' numbers."""
        shown = self.figures[figure]
        sweeps = [self.sweeps[name] for name in shown.sweeps]
        return {
            "figure": {
                "name": shown.name,
                "title": shown.title,
                "kind": shown.kind,
                "metrics": list(shown.metrics),
                "paper_optimum": shown.paper_optimum,
            },
            "sweeps": [
                {
                    "task": sweep.task,
                    "batch": sweep.batch,
                    "optimizers": list(sweep.optimizers),
                    "effective_lrs": list(sweep.effective_lrs),
                    "seeds": list(sweep.seeds),
                }
                for sweep in sweeps
            ],
            "tasks": {sweep.task: self.tasks[sweep.task].settings for sweep in sweeps},
            "study": {"name": self.name, "notice": self.notice, "faithful": self.faithful},
        }

    def run(self, name: str) -> Run:
        """The run of that name or file; UserError, with the nearest file, if there is none."""
        path = name if name.endswith(".parquet") else f"results/{self.name}/runs/{name}.parquet"
        if path not in self.by_file:
            near = get_close_matches(path, self.by_file, n=1, cutoff=0.9)
            hint = f"{near[0]} is much like it, and " if near else ""
            raise UserError(
                f"{self.file}: there is no run '{name}'; {hint}"
                f"`largebatch runs --study {self.name}` lists all."
            )
        return self.by_file[path]

    def table(self, figure: str) -> str:
        """The file of a figure's table, below the checkout."""
        return f"results/{self.name}/tables/{figure}.parquet"

    def stem(self, figure: str) -> str:
        """A figure's other files, below the checkout and without their endings."""
        return f"results/{self.name}/figures/{figure}"

    def figure(self, name: str) -> Figure:
        """The figure of that name; UserError if there is none."""
        if name not in self.figures:
            known = ", ".join(self.figures)
            raise UserError(f"{self.file}: figures: there is no figure '{name}'; it has {known}.")
        return self.figures[name]

    def dataset(self, name: str) -> dict:
        """The settings of the data set of that name; UserError if there is none."""
        if name not in self.datasets:
            known = ", ".join(self.datasets)
            raise UserError(f"{self.file}: datasets: there is no '{name}'; it has {known}.")
        return self.datasets[name]
