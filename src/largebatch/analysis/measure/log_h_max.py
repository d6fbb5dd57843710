"""The largest eigenvalue of the Hessian of a sweep's networks, from measured rows.

The claims use it too, so this module imports no torch.
"""

from collections.abc import Iterable

import numpy as np

from largebatch.study import Sweep


def log_h_max(rows: Iterable[dict], sweep: Sweep) -> dict[int, float]:
    """{seed: mean over epochs of log h_max} of SGD at the smallest rate measured; {} if none was.

    At a small rate the network does not adapt to the rate (Cohen et al. 2021). rows: as in
    `measure.files.SCHEMA`.
    """
    found = [row for row in rows if _is_of(row, sweep)]
    least = min((row["effective_lr"] for row in found), default=None)
    values: dict[int, list[float]] = {}
    for row in found:
        if row["effective_lr"] == least:
            values.setdefault(row["seed"], []).append(float(np.log(row["value"])))
    return {seed: float(np.mean(logs)) for seed, logs in sorted(values.items())}


def _is_of(row: dict, sweep: Sweep) -> bool:
    return (
        row["quantity"] == "h_max"
        and row["optimizer"] == "sgd"
        and (row["task"], row["batch"]) == (sweep.task, sweep.batch)
        and row["value"] > 0
    )
