"""The runs of a figure as histories of their metrics, verified as they are read."""

from dataclasses import dataclass
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
    """The metrics of one run by epoch; all NaN if it diverged.

    metrics: {name: {epoch: value}}, without the epochs at which the metric was not measured.
    source: the run's name and digests, as an input of later records.
    """

    diverged: bool
    metrics: dict[str, dict[int, float]]
    source: dict[str, str]

    def at(self, metric: str, epoch: int) -> float:
        """NaN if the run diverged, at whatever epoch: a mean never changes its seeds midway."""
        return float("nan") if self.diverged else self.metrics[metric][epoch]


def read_histories(
    study: Study, figure: str, root: Path, unfinished: bool = False
) -> dict[Run, History]:
    """Every run of the figure, in the order of its sweeps.

    A run that is missing or of other settings raises UserError, or is left out if `unfinished`.
    """
    metrics = study.figure(figure).metrics
    histories = {}
    for run in study.runs_of(figure):
        if unfinished and not is_stored(study, run, root):
            continue
        if not (root / run.path).exists():
            raise UserError(
                f"{run.path}: this run of {figure} is missing; train it with {remake(run.path)}, "
                "or draw what exists with `--config unfinished=true`."
            )
        histories[run] = _read(study, run, root, metrics)
    return histories


def _read(study: Study, run: Run, root: Path, metrics: tuple[str, ...]) -> History:
    artefact, epochs = read_run(study, run, root), study.tasks[run.task].epochs
    history = History(
        diverged=artefact.record["status"] == "diverged",
        metrics={metric: metric_by_epoch(artefact.table, metric) for metric in metrics},
        source=artefact.as_input,
    )
    for metric, values in history.metrics.items():
        if not history.diverged and values.keys() - {0} != set(range(1, epochs + 1)):
            raise UserError(
                f"{run.path}: {stored_as(metric)} must have one value in each of the {epochs} "
                f"epochs of {run.task}; delete the file and run {remake(run.path)}."
            )
    return history


def metric_by_epoch(table: pa.Table, metric: str) -> dict[int, float]:
    """{epoch: value} of a run table, nulls left out; perplexity is exp of the loss.

    exp overflows to infinity, which later counts as diverged.
    """
    measured = table.select(["epoch", stored_as(metric)]).drop_null()
    epochs, values = (column.to_pylist() for column in measured.columns)
    if is_perplexity(metric):
        with np.errstate(over="ignore"):
            values = np.exp(values).tolist()
    return dict(zip(epochs, values, strict=True))
