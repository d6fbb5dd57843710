"""From the runs of a figure to its table: every number that the figure shows."""

import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from largebatch.analysis.histories import History, read_histories
from largebatch.analysis.long_form import long_table
from largebatch.analysis.optimum import optimum
from largebatch.analysis.over_seeds import over_seeds
from largebatch.records import make_record, write_table
from largebatch.study import Optimizer, Run, Study


def build_table(
    study: Study, figure: str, root: Path = Path("."), unfinished: bool = False
) -> pa.Table:
    """The table of a figure in long form, with the columns `long_form.SCHEMA`.

    Panel `sweep`: the metrics at the last epoch, one row per (metric, optimizer, effective_lr).
    Panel `curves` (kind `sweep` only): one row per (metric, optimizer, epoch) at the `optimum`,
    which the figure's last metric decides. mean and std (ddof = 1) are over the `n` seeds that
    stayed finite; a run that diverged, or whose metric is not finite, counts in `diverged` and
    nowhere else. A missing run raises UserError unless `unfinished`.
    """
    return _table(study, figure, read_histories(study, figure, root, unfinished))


def write_figure_table(
    study: Study, figure: str, root: Path = Path("."), unfinished: bool = False
) -> Path:
    """Write results/<study>/tables/<figure>.parquet with its record; returns the path."""
    started = time.time()
    histories = read_histories(study, figure, root, unfinished)
    table, path = _table(study, figure, histories), study.table(figure)
    record = make_record(
        "table",
        path,
        inputs=[history.source for history in histories.values()],
        step="table",
        settings=study.figure_settings(figure),
        started=started,
        root=root,
        runs={"present": len(histories), "planned": len(study.runs_of(figure))},
    )
    write_table(root / path, table, record)
    return root / path


def _table(study: Study, figure: str, histories: dict[Run, History]) -> pa.Table:
    shown = study.figure(figure)
    rows: list[dict] = []
    for sweep in (study.sweeps[name] for name in shown.sweeps):
        points = _points(sweep.runs(study.name), histories)
        finals = list(_sweep_rows(points, shown.metrics, study.tasks[sweep.task].epochs))
        rows += finals
        if shown.kind == "sweep":
            best = optimum(finals, shown.metrics[-1])
            rows += _curve_rows(points, shown.metrics, best)
    return long_table(rows)


Points = dict[tuple[str, int, float], list[History]]  # (optimizer, batch, effective_lr): seeds


def _points(runs: list[Run], histories: dict[Run, History]) -> Points:
    """The existing runs, by point of the sweep: optimizers as listed, rates ascending."""
    order = {run.optimizer: place for place, run in reversed(list(enumerate(runs)))}
    points: Points = {}
    for run in sorted(runs, key=lambda run: (order[run.optimizer], run.lr, run.seed)):
        if run in histories:
            points.setdefault((run.optimizer, run.batch, run.lr), []).append(histories[run])
    return points


def _sweep_rows(points: Points, metrics: tuple[str, ...], last: int) -> Iterator[dict]:
    for metric in metrics:
        for point, seeds in points.items():
            yield _row("sweep", metric, point, None, [seed.at(metric, last) for seed in seeds])


def _curve_rows(points: Points, metrics: tuple[str, ...], lr: float | None) -> Iterator[dict]:
    at_optimum = {point: seeds for point, seeds in points.items() if point[2] == lr}
    for metric in metrics:
        for point, seeds in at_optimum.items():
            for epoch in sorted({epoch for seed in seeds for epoch in seed.epochs(metric)}):
                yield _row("curves", metric, point, epoch, [s.at(metric, epoch) for s in seeds])


def _row(
    panel: str,
    metric: str,
    point: tuple[str, int, float],
    epoch: int | None,
    values: list[float],
) -> dict:
    optimizer, batch, lr = point
    return {
        "panel": panel,
        "metric": metric,
        "optimizer": optimizer,
        "momentum": Optimizer.parse(optimizer).momentum,
        "batch": batch,
        "effective_lr": lr,
        "epoch": epoch,
        **over_seeds(values),
    }
