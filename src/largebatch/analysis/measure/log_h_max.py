"""The largest eigenvalue of the Hessian of a sweep's networks, from measured rows.

The claims use it too, so this module imports no torch.
"""

from collections.abc import Iterable

import numpy as np

from largebatch.study import Sweep

RESOLUTION = 0.05  # relative, of one measurement: by Lanczos, on a subset of the examples
POINT = "task", "batch", "optimizer", "effective_lr", "seed", "epoch"  # where one was measured


def log_h_max(rows: Iterable[dict], sweep: Sweep) -> dict[int, float]:
    """{seed: mean over epochs of log h_max} of the `converged` ones; {} if there are none.

    rows: as in `measure.files.SCHEMA`.
    """
    values: dict[int, list[float]] = {}
    for row in converged(rows, sweep):
        values.setdefault(row["seed"], []).append(float(np.log(row["value"])))
    return {seed: float(np.mean(logs)) for seed, logs in sorted(values.items())}


def converged(rows: Iterable[dict], sweep: Sweep) -> list[dict]:
    """The rows `at_smallest_rate` whose residual is at most `RESOLUTION` times the value.

    Otherwise Lanczos stopped too early. Where no residual is given, the value is taken as exact.
    """
    rows = list(rows)
    residuals = {_point(row): row["value"] for row in rows if row["quantity"] == "h_max_residual"}
    return [
        row
        for row in at_smallest_rate(rows, sweep)
        if residuals.get(_point(row), 0.0) <= RESOLUTION * row["value"]
    ]


def at_smallest_rate(rows: Iterable[dict], sweep: Sweep) -> list[dict]:
    """The rows of h_max of SGD at the smallest rate measured, whether converged or not.

    At a small rate the network does not adapt to the rate (Cohen et al. 2021).
    """
    found = [row for row in rows if _is_of(row, sweep)]
    least = min((row["effective_lr"] for row in found), default=None)
    return [row for row in found if row["effective_lr"] == least]


def _point(row: dict) -> tuple:
    return tuple(row[column] for column in POINT)


def _is_of(row: dict, sweep: Sweep) -> bool:
    return (
        row["quantity"] == "h_max"
        and row["optimizer"] == "sgd"
        and (row["task"], row["batch"]) == (sweep.task, sweep.batch)
        and row["value"] > 0
    )
