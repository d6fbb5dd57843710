"""What a pack of runs asks a cluster for: by config/cluster.yaml, or estimated."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from largebatch.errors import UserError
from largebatch.study.kinds.table import kind_of
from largebatch.study.lanes import steps, work
from largebatch.study.layers import spot
from largebatch.study.run import Run
from largebatch.study.study import Study
from largebatch.study.validation import validate
from largebatch.study.yaml_files import read_yaml

FILE = Path("config/cluster.yaml")

MARGIN = 2.0  # factor for a slower GPU, evaluation, and other work on the node
START_UP_MINUTES = 10  # for imports, data, a cold file system
MEMORY_MB = 4_000  # for Python, torch with CUDA, a data set of the paper


@dataclass(frozen=True)
class Needs:
    """The keys of `defaults` and of each task in config/cluster.yaml; None leaves it to SLURM."""

    account: str | None = None
    partition: str | None = None
    qos: str | None = None
    constraint: str | None = None
    gpus: int = 1
    gpu_type: str | None = None
    cpus: int = 2
    memory_mb: int | Literal["auto"] = "auto"
    walltime: int | Literal["auto"] = "auto"
    max_walltime: int = 1440
    extra: str | None = None

    @property
    def longest(self) -> int:
        """The most minutes that the first try can ask for."""
        if isinstance(self.walltime, int):
            return min(self.walltime, self.max_walltime)
        return self.max_walltime

    @property
    def gpu_model(self) -> str | None:
        """The type of GPU; None for a task without GPUs, whatever `defaults` says."""
        return self.gpu_type if self.gpus else None


@dataclass(frozen=True)
class Cluster:
    """The settings of a cluster; `needs` has those of single tasks, by name."""

    concurrency: int = 100
    setup: str | None = None
    launcher: str | None = None
    notice: int = 120
    defaults: Needs = Needs()
    needs: dict[str, Needs] = field(default_factory=dict)

    def of(self, task: str) -> Needs:
        return self.needs.get(task, self.defaults)

    def device(self, task: str, setting: str) -> str:
        """The device of packs, given the config's `device`: for `auto` the one they ask for."""
        if setting != "auto":
            return setting
        return "cuda" if self.of(task).gpus else "cpu"

    def minutes(
        self, study: Study, run: Run, lanes: int, attempt: int = 1, pace: float | None = None
    ) -> int:
        """Walltime of a full pack; a retry asks for more, up to `max_walltime`.

        pace: measured seconds per epoch of such a pack; without it the time is estimated.
        """
        needs = self.of(run.task)
        if isinstance(needs.walltime, int):
            return min(needs.walltime * attempt, needs.max_walltime)
        seconds = _seconds(study, run, lanes, needs.gpus)
        if pace is not None:
            seconds = pace * study.tasks[run.task].epochs
        # Told to stop before it has begun, a short pack would get nowhere.
        at_work = max(MARGIN * seconds, self.notice)
        walltime = START_UP_MINUTES + math.ceil(at_work / 60)
        return min(walltime * attempt, needs.max_walltime)

    def megabytes(self, study: Study, run: Run, lanes: int, attempt: int = 1) -> int:
        """Host memory of a full pack; a retry asks for more."""
        memory = self.of(run.task).memory_mb
        if isinstance(memory, int):
            return memory * attempt
        task = study.tasks[run.task]
        data_mb = study.amount(task.dataset).megabytes
        return (MEMORY_MB + data_mb + lanes * kind_of(task.model).host_mb) * attempt


def _seconds(study: Study, run: Run, lanes: int, gpus: int) -> float:
    if not gpus:
        return lanes * work(study, run) / 1000
    task = study.tasks[run.task]
    whatever, lane, example = kind_of(task.model).gpu_step[task.settings["precision"]]
    microseconds = whatever + lanes * (lane + run.batch * example)
    return steps(study, run) * microseconds / 1e6


def read_cluster(settings: dict, root: Path = Path(".")) -> Cluster:
    """Read the section `cluster` of the configuration. Raises `UserError` naming the key."""
    validate(settings, "cluster", root, lambda key: spot(FILE, ("cluster", *key)))
    tasks, known = settings.get("tasks") or {}, _known_tasks(root) if settings.get("tasks") else ()
    for task in tasks:
        if task not in known:
            raise UserError(f"{FILE}: cluster.tasks.{task}: no study has such a task; rename it.")
    defaults = settings.get("defaults") or {}
    whole = {key: value for key, value in settings.items() if key not in ("defaults", "tasks")}
    cluster = Cluster(
        **whole,
        defaults=Needs(**defaults),
        needs={task: Needs(**defaults | own) for task, own in tasks.items()},
    )
    _leave_time(cluster)
    return cluster


def _leave_time(cluster: Cluster) -> None:
    """Refuse a `notice` as long as a walltime: packs would stop as they start, over and over."""
    for needs in (cluster.defaults, *cluster.needs.values()):
        if 60 * needs.longest <= cluster.notice:
            raise UserError(
                f"{FILE}: cluster.notice: a pack of {needs.longest} min cannot be told to stop "
                f"{cluster.notice} s before its end; lower notice."
            )


def _known_tasks(root: Path) -> set[str]:
    files = sorted((root / "config/studies").glob("*.yaml"))
    contents = [read_yaml(file.relative_to(root), root) for file in files]
    tasks = [content.get("tasks") for content in contents]
    return {name for of_study in tasks if isinstance(of_study, dict) for name in of_study}
