"""Checks of what was measured on trained networks: the largest eigenvalue of the Hessian, `h_max`.

Measurements are files results/<study>/measured/*.parquet with the columns `SCHEMA`, written and
verified like every table (docs/claims.md).
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from largebatch.analysis.claims import bootstrap, paired
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.bootstrap import located
from largebatch.analysis.claims.finding import Finding, finding
from largebatch.analysis.claims.locate import exactly
from largebatch.analysis.claims.optima import threshold_of
from largebatch.analysis.claims.runs import NotRun
from largebatch.study import Sweep

SCHEMA = pa.schema(
    [
        ("quantity", pa.string()),  # h_max
        ("task", pa.string()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("effective_lr", pa.float64()),
        ("seed", pa.int64()),
        ("epoch", pa.int32()),
        ("value", pa.float64()),
    ]
)


def curvature_ratio(check: dict, bench: Bench) -> Iterator[Finding]:
    """h_max of the sweep `sweeps` is more than `factor` times that of `against`."""
    for reference in check["sweeps"]:
        a, b = (_curvatures(bench, r) for r in (reference, check["against"]))
        seeds = sorted(set(a) & set(b))
        difference = np.array([a[seed] - b[seed] for seed in seeds])
        yield finding(
            f"{reference} against {check['against']}",
            "h_max of the first over the second, minus 1, is",
            f"more than {check['factor'] - 1}",
            paired.better(difference, float(np.log(check["factor"])), bench.alpha),
            len(seeds),
            np.expm1,
        )


def curvature_threshold(check: dict, bench: Bench) -> Iterator[Finding]:
    """Threshold times h_max is 1, to within a `factor`."""
    for reference in check["sweeps"]:
        curvature = np.array(list(_curvatures(bench, reference).values())) / np.log(2)
        for split in check.get("metrics", ("train", "test")):
            estimate, draws = threshold_of(bench.grid(reference, split), bench)
            measured, its_draws = located(exactly, curvature, bench.draws, stream=1)
            estimate, draws = estimate + measured, draws + its_draws
            width = np.log2(check["factor"])
            yield finding(
                f"{reference}, {split}",
                "threshold times h_max is",
                f"between {1 / check['factor']:.3g} and {check['factor']}",
                bootstrap.within(draws, -width, width, estimate, bench.alpha),
                len(curvature),
                np.exp2,
            )


def _curvatures(bench: Bench, reference: str) -> dict[int, float]:
    """{seed: mean over epochs of log h_max} of SGD at the smallest rate measured.

    Where the rate is small the network does not adapt to it (Cohen et al. 2021).
    """
    (sweep,) = bench.sweeps(reference).values()
    rows = [row for row in _rows(bench) if _is_of(row, sweep)]
    if not rows:
        raise NotRun(f"no h_max of {reference} in results/{bench.study.name}/measured")
    least = min(row["effective_lr"] for row in rows)
    values: dict[int, list[float]] = {}
    for row in rows:
        if row["effective_lr"] == least:
            values.setdefault(row["seed"], []).append(float(np.log(row["value"])))
    return {seed: float(np.mean(found)) for seed, found in sorted(values.items())}


def _rows(bench: Bench) -> Iterator[dict]:
    for artefact in bench.measured.values():
        table = artefact.table
        missing = set(SCHEMA.names) - set(table.column_names)
        yield from [] if missing else table.select(SCHEMA.names).to_pylist()


def _is_of(row: dict, sweep: Sweep) -> bool:
    return (
        row["quantity"] == "h_max"
        and row["optimizer"] == "sgd"
        and (row["task"], row["batch"]) == (sweep.task, sweep.batch)
        and row["value"] > 0
    )
