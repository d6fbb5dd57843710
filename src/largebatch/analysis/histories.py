"""What runs measured, by epoch: the one reader that tables, maps and claims share."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from largebatch.analysis.metrics import is_perplexity, stored_as
from largebatch.analysis.stored import is_stored, read_run
from largebatch.errors import UserError
from largebatch.records import remake
from largebatch.study import Run, Study


@dataclass(frozen=True)
class History:
    """The table of one run; row `e` is epoch `e`, row 0 is before training.

    A run that diverged ends with the epoch in which it did, and has no result at any epoch. source:
    the run's name and digests, as an input of later records.
    """

    diverged: bool
    table: pa.Table
    source: dict[str, str]

    def column(self, name: str) -> np.ndarray:
        """One column, (rows,), null as NaN; UserError if a finished run has a null after row 0."""
        values = self.table[name]
        if not self.diverged and values.slice(1).null_count:
            path = self.source["name"]
            raise UserError(
                f"{path}: {name} must have a value in each epoch of training; "
                f"delete the file and run {remake(path)}."
            )
        return np.asarray(values.to_numpy(), float)

    def values(self, metric: str) -> np.ndarray:
        """A metric as measured, (rows,); a perplexity that overflows is infinite, so no result."""
        stored = self.column(stored_as(metric))
        with np.errstate(over="ignore"):
            return np.exp(stored) if is_perplexity(metric) else stored

    def at(self, metric: str, epoch: int) -> float:
        """The metric at an epoch; NaN at every epoch if the run diverged.

        A mean over seeds thus never changes its seeds midway.
        """
        return float("nan") if self.diverged else float(self.values(metric)[epoch])

    def final(self, metric: str) -> float:
        """The metric at the last epoch; NaN if the run diverged."""
        return self.at(metric, -1)

    def epochs(self, metric: str) -> list[int]:
        """The epochs at which the metric was measured; training has none before it starts."""
        return np.flatnonzero(self.table[stored_as(metric)].is_valid()).tolist()

    @cached_property
    def elapsed(self) -> np.ndarray:
        """Seconds of training up to the end of each epoch; 0 for row 0, before training."""
        return np.cumsum([0.0, *self.column("seconds")[1:]])


def read_history(study: Study, run: Run, root: Path) -> History:
    """The verified history of a run.

    Raises Refusal as `read_run` does, and UserError if the file does not have every epoch.
    """
    artefact, epochs = read_run(study, run, root), study.tasks[run.task].epochs
    rows, diverged = artefact.table["epoch"].to_pylist(), artefact.record["status"] == "diverged"
    whole = list(range(epochs + 1))
    if rows != (whole[: max(1, len(rows))] if diverged else whole):
        raise UserError(
            f"{run.path}: it must have one row for each of the epochs 0 to {epochs} of {run.task}; "
            f"delete the file and run {remake(run.path)}."
        )
    return History(diverged, artefact.table, artefact.as_input)


def read_histories(
    study: Study, figure: str, root: Path, unfinished: bool = False
) -> dict[Run, History]:
    """The history of every run of the figure, in the order of its sweeps.

    A run that is missing or of other settings raises UserError, or is left out if `unfinished`.
    """
    histories, runs = {}, study.runs_of(figure)
    if not unfinished and not any((root / run.path).exists() for run in runs):
        raise UserError(
            f"results/{study.name}/runs: none of the {len(runs)} runs of {figure} is there; train "
            f"them with `snakemake {figure} --config study={study.name}`."
        )
    for run in runs:
        if unfinished and not is_stored(study, run, root):
            continue
        if not (root / run.path).exists():
            raise UserError(
                f"{run.path}: this run of {figure} is missing; train it with {remake(run.path)}, "
                "or draw what exists with `--config unfinished=true`."
            )
        histories[run] = read_history(study, run, root)
    return histories
