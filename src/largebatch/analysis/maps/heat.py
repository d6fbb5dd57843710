"""Final training metric over learning rate and batch, with what bounds the good region."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from largebatch.analysis.maps.task_runs import TaskRuns
from largebatch.analysis.over_seeds import over_seeds

SCHEMA = pa.schema(
    [
        ("quantity", pa.string()),  # a metric, the line e = T B (temperature), onset or limit
        ("task", pa.string()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("effective_lr", pa.float64()),
        ("mean", pa.float64()),
        ("n", pa.int32()),
        ("diverged", pa.int32()),
    ]
)


def heat_table(tasks: list[TaskRuns], measured: list[pa.Table]) -> pa.Table:
    """The means over the finite seeds, and the lines, whose rows have a rate and no mean.

    T is the temperature of SGD's optimum at the smallest batch (eq. 10: e_eff / B). measured:
    tables of `largebatch measure`, from which `onset` and `limit` are copied; where several figures
    show a task and batch, those of the first figure.
    """
    rows = [row for task in tasks for row in (*_metric_rows(task), *_temperature(task))]
    rows += _limits(measured)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _metric_rows(task: TaskRuns) -> Iterator[dict]:
    metric = task.metrics[0]
    for point in task.points:
        yield {
            "quantity": metric,
            "task": task.name,
            **point._asdict(),
            **over_seeds(task.finals(point, metric)),
        }


def _temperature(task: TaskRuns) -> Iterator[dict]:
    smallest = task.batches[0]
    best = task.best(smallest, "sgd", task.metrics[0])
    if best is None or len(task.batches) == 1:
        return
    for batch in task.batches:
        lr = best.effective_lr * batch / smallest
        yield {"quantity": "temperature", "task": task.name, "batch": batch, "effective_lr": lr}


def _limits(measured: list[pa.Table]) -> list[dict]:
    keys = ("quantity", "task", "batch", "optimizer")
    found: dict[tuple, dict] = {}
    for table in measured:
        for row in table.filter(pc.field("quantity").isin(["onset", "limit"])).to_pylist():
            which = {key: row[key] for key in keys}
            found.setdefault(tuple(which.values()), which | {"effective_lr": row["value"]})
    return list(found.values())
