"""How the runs of a study share processes, and what such a process needs."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from largebatch.study.cluster import Cluster
from largebatch.study.device_memory import device_mb
from largebatch.study.lanes import lanes
from largebatch.study.run import Run
from largebatch.study.study import Study

# (files of runs, lanes, on a GPU) -> seconds per epoch, as far as the runs have been trained.
Pace = Callable[[Iterable[Path], int, bool], float | None]


class Packs:
    """Lanes, time and memory of the pack that a run belongs to.

    settings: the configuration (`lanes`, `device`). cluster: where packs are submitted; None if
    they run on this machine. pace: measures what runs took; called only for a cluster. gpu_here:
    whether this machine has a GPU, which `device: auto` then is; called only if that is needed.
    """

    def __init__(
        self,
        study: Study,
        settings: dict,
        cluster: Cluster | None,
        pace: Pace,
        gpu_here: Callable[[], bool] = lambda: False,
    ):
        self.study, self.settings, self.submitted = study, settings, cluster is not None
        self._gpu_here = cache(gpu_here)
        self.cluster = cluster or Cluster()
        self._measure = pace
        self._pace = cache(self._pace_of)

    def device(self, task: str) -> str:
        """cpu or cuda: what `auto` means, for a submitted pack or on this machine."""
        setting = self.settings["device"]
        if self.submitted or setting != "auto":
            return self.cluster.device(task, setting)
        return "cuda" if self._gpu_here() else "cpu"

    def lanes(self, run: Run) -> int:
        """The most runs that a pack trains side by side."""
        task = self.study.tasks[run.task]
        pixels = self.study.amount(task.dataset).each
        return lanes(self.settings["lanes"], task, run.batch, self.device(run.task), pixels)

    def minutes(self, run: Run, attempt: int) -> int:
        """Walltime of a full pack, in minutes."""
        pace = self._pace(run.pack) if self.submitted else None
        return self.cluster.minutes(self.study, run, self.lanes(run), attempt, pace)

    def megabytes(self, run: Run, attempt: int) -> int:
        """Host memory of a full pack, in megabytes."""
        return self.cluster.megabytes(self.study, run, self.lanes(run), attempt)

    def device_mb(self, run: Run) -> int:
        """GPU memory that a full pack takes, in megabytes."""
        return device_mb(self.study, run, self.lanes(run))

    def _pace_of(self, pack: str) -> float | None:
        like = [run for run in self.study.runs if run.pack == pack]
        files, first = [Path(run.path) for run in like], like[0]
        return self._measure(files, self.lanes(first), self.device(first.task) == "cuda")
