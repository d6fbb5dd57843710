"""Measures the runs of a study, each once, however many figures show it."""

from functools import cache
from pathlib import Path

import torch

from largebatch.analysis.as_trained import execution_of
from largebatch.analysis.measure.measure import (
    chosen_runs,
    measure_runs,
    measure_variants,
    normalization_of,
)
from largebatch.analysis.measure.retrain import same_numbers
from largebatch.data.load import Dataset, load_dataset
from largebatch.records import glance
from largebatch.study import Run, Study, Sweep
from largebatch.study.plan import Plan
from largebatch.training.device import choose
from largebatch.training.execution import Execution
from largebatch.training.pack import Lane

OfRun = tuple[list[dict], bool | None]  # rows (`files.SCHEMA`); see `same_numbers`


class Measurer:
    """Trains runs of `study` again on a device (auto, cpu or cuda) and keeps what it measures.

    A run of two figures is trained for the first of them. On a CPU it has the same bits in any
    company, so that it does not matter which that is.
    """

    def __init__(self, study: Study, root: Path = Path("."), device: str = "auto"):
        self.study, self.root, self.device = study, Path(root), choose(device)
        self._known: dict[tuple[Run, bool], OfRun] = {}
        self._data = cache(self._load)
        self._variants = cache(self._measure_variants)

    def data(self, sweep: Sweep) -> Dataset:
        """The data set that the sweep's runs are trained on."""
        return self._data(self.study.tasks[sweep.task].dataset)

    def measure(self, sweep: Sweep, optimum: float | None) -> tuple[list[dict], list[bool | None]]:
        """The rows of the runs that are chosen from a sweep, run by run, with each run's verdict.

        The verdict is whether it has the numbers of its file, None if there is no file. The noise
        of gradients is that of the first seed.
        """
        runs = chosen_runs(self.study, sweep, optimum)
        asked = [(run, run.seed == runs[0].seed) for run in runs]
        if new := dict(each for each in asked if each not in self._known):
            self._train(new, self.data(sweep), recorded_execution(runs, self.root, self.device))
        found = [self._known[each] for each in asked]
        rows = [row for rows, _ in found for row in rows]
        if normalization_of(self.study.tasks[sweep.task].model):
            for run in _first_of_each_rate(runs):
                rows += self._variants(run)
        return rows, [same for _, same in found]

    def _train(self, noisy: dict[Run, bool], data: Dataset, execution: Execution) -> None:
        lanes = {run: Lane(self.study.spec(run)) for run in noisy}
        rows: dict[Run, list[dict]] = {run: [] for run in noisy}
        for run, row in measure_runs(self.study, noisy, lanes, data, self.device, execution):
            rows[run].append(row)
        for run, noise in noisy.items():
            same = same_numbers(lanes[run], self.root / run.path)
            self._known[run, noise] = rows[run], same

    def _load(self, dataset: str) -> Dataset:
        return load_dataset(self.root / Plan.data(dataset), self.device)

    def _measure_variants(self, run: Run) -> list[dict]:
        data = self._data(self.study.tasks[run.task].dataset)
        return list(measure_variants(self.study, run, data, self.device))


def recorded_execution(runs: list[Run], root: Path, device: torch.device) -> Execution:
    """The execution of the first stored run trained on this kind of device; else the default."""
    facts = [glance(root / run.path)["facts"] for run in runs if (root / run.path).is_file()]
    here = (each for each in facts if str(each.get("device")).startswith(device.type))
    return execution_of(next(here, {}))


def _first_of_each_rate(runs: list[Run]) -> list[Run]:
    """The runs of the first optimizer (SGD) and the first seed, one per rate."""
    first = runs[0]
    return [r for r in runs if (r.optimizer, r.seed) == (first.optimizer, first.seed)]
