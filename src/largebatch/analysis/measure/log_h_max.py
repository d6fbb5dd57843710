"""The largest eigenvalue of the Hessian of a sweep's networks, from measured rows.

The claims use it too, so this module imports no torch.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from largebatch.study import Sweep

RESOLUTION = 0.05  # relative, of one measurement: by Lanczos, on a subset of the examples
POINT = "task", "batch", "optimizer", "effective_lr", "seed", "epoch"  # where one was measured


def log_h_max(rows: Iterable[dict], sweep: Sweep) -> dict[int, float]:
    """{seed: mean over epochs of log h_max} `at_smallest_rate`; {} if there is none.

    rows: as in `measure.files.SCHEMA`. Where the residual is more than `RESOLUTION` times the
    value, Lanczos stopped too early, and the row is left out. A value without a residual is exact.
    """
    rows, values = list(rows), defaultdict(list)
    residuals = {_point(row): row["value"] for row in rows if row["quantity"] == "h_max_residual"}
    for row in at_smallest_rate(rows, sweep):
        if residuals.get(_point(row), 0.0) <= RESOLUTION * row["value"]:
            values[row["seed"]].append(np.log(row["value"]))
    return {seed: float(np.mean(logs)) for seed, logs in sorted(values.items())}


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
