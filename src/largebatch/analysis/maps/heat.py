"""Final training metric over learning rate and batch, with what bounds the good region."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from largebatch.analysis.maps.grid import Grid
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


def heat_table(grids: list[Grid], measured: list[pa.Table]) -> pa.Table:
    """The means over the finite seeds, and the lines, whose rows have a rate and no mean.

    T is the temperature of SGD's optimum at the smallest batch (eq. 10: e_eff / B). measured:
    tables of `largebatch measure`, from which `onset` and `limit` are copied.
    """
    rows = [row for grid in grids for row in (*_metric_rows(grid), *_temperature(grid))]
    rows += [row for table in measured for row in _limits(table)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _metric_rows(grid: Grid) -> Iterator[dict]:
    metric = grid.metrics[0]
    for point in grid.points:
        batch, optimizer, lr = point
        yield {
            "quantity": metric,
            "task": grid.task,
            "batch": batch,
            "optimizer": optimizer,
            "effective_lr": lr,
            **over_seeds(grid.finals(point, metric)),
        }


def _temperature(grid: Grid) -> Iterator[dict]:
    smallest = grid.batches[0]
    best = grid.best(smallest, "sgd", grid.metrics[0])
    for batch in grid.batches if best and len(grid.batches) > 1 else []:
        lr = best[2] * batch / smallest
        yield {"quantity": "temperature", "task": grid.task, "batch": batch, "effective_lr": lr}


def _limits(table: pa.Table) -> Iterator[dict]:
    for row in table.filter(pc.field("quantity").isin(["onset", "limit"])).to_pylist():
        taken = {key: row[key] for key in ("quantity", "task", "batch", "optimizer")}
        yield taken | {"effective_lr": row["value"]}
