"""The runs of a study as plain arrays, verified as they are read, each read once."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from largebatch.analysis.stored import is_stored, read_run
from largebatch.errors import UserError
from largebatch.records import remake
from largebatch.study import Run, Study


class NotRun(Exception):
    """A claim needs what is not there; the message says what, and how to get it."""


@dataclass(frozen=True)
class History:
    """What one run measured, by epoch from row 0 (before training); shapes (rows,).

    columns: {name: values} of the run table, null as NaN. source: the run's name and digests, as an
    input of later records.
    """

    diverged: bool
    columns: dict[str, np.ndarray]
    source: dict[str, str]

    @cached_property
    def elapsed(self) -> np.ndarray:
        """Seconds of training up to the end of each epoch, 0 for row 0: that is no training."""
        return np.cumsum([0.0, *self.columns["seconds"][1:]])


class Runs:
    """Histories by run; `used` lists what was read."""

    def __init__(self, study: Study, root: Path):
        self.study, self.root = study, root
        self.used: dict[Run, History] = {}
        # Asked once of each: many claims are about the same runs.
        self.exists = cache(lambda run: is_stored(study, run, root))

    def __getitem__(self, run: Run) -> History:
        if run not in self.used:
            self.used[run] = _read(self.study, run, self.root)
        return self.used[run]


def _read(study: Study, run: Run, root: Path) -> History:
    artefact, epochs = read_run(study, run, root), study.tasks[run.task].epochs
    table = artefact.table
    diverged = artefact.record["status"] == "diverged"
    if table["epoch"].to_pylist() != list(range(epochs + 1))[: table.num_rows] or (
        not diverged and table.num_rows != epochs + 1
    ):
        raise UserError(
            f"{run.path}: it must have one row for each of the epochs 0 to {epochs} of {run.task}; "
            f"delete the file and run {remake(run.path)}."
        )
    columns = {
        name: np.asarray(table[name].to_numpy(), float)
        for name in table.column_names
        if name != "epoch"
    }
    return History(diverged, columns, artefact.as_input)
