"""Do stored runs come out the same, up to the scatter of seeds, if plain PyTorch trains them?

    snakemake data --config study=mnist         and of cifar10-small and ptb-small (docs/data.md)
    python benchmarks/independent.py            all points, on all cores
    python benchmarks/independent.py --only lstm --seeds 1

The points are runs of the real studies in this repository: where SGD and momentum are best, and
where they differ. `ways/whole.py` trains each again by torch.nn, torch.optim.SGD and a loop, with
no line of what trains in largebatch. Weights and order of examples come from torch's own random
numbers, so runs are compared as two samples of seeds: by Student's t-test with a common spread. p
has Holm's correction for the number of comparisons; the exit code is 1 if one is below 5 %. The
table on disk has the runs of plain PyTorch. It is written after each, and those in it are not
trained again.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from parts.kept import Kept
from parts.options import asked_for, at_least, in_a_sentence
from rows import RESULTS, here, show
from scipy.stats import ttest_ind_from_stats

from largebatch.analysis.claims.evidence import holm
from largebatch.analysis.stored import read_run
from largebatch.study import Run, Study, load_study
from largebatch.study.plan import Plan

ALPHA = 0.05


class Point(NamedTuple):
    """A place of a study's grid, and with how many seeds it is trained."""

    study: str
    sweep: str
    seeds: int
    optimizer: str
    lr: float

    @property
    def name(self) -> str:
        return f"{self.study} {self.sweep} {self.optimizer} {self.lr:g}"

    @property
    def key(self) -> tuple:
        """What tells its rows from those of others: the values of PLACE."""
        return self.study, self.sweep, self.optimizer, self.lr


PLACE = "study", "sweep", "optimizer", "effective_lr"
CASE = (*PLACE, "seed", "metric")
MOMENTUM = "momentum-0.9"
RATES = {  # of each optimizer
    ("cifar10-small", "small-b32", 3): {"sgd": [1], MOMENTUM: [1]},
    ("cifar10-small", "small-b512", 2): {"sgd": [4], MOMENTUM: [8]},
    ("ptb-small", "lstm-b1", 1): {"sgd": [0.3], MOMENTUM: [0.3]},
    ("mnist", "autoencoder-b64", 2): {"sgd": [0.02, 0.16], MOMENTUM: [0.02, 0.32]},
    ("ptb-small", "lstm-b256", 3): {"sgd": [1, 3], MOMENTUM: [3]},
}
POINTS = [
    Point(*place, optimizer, float(lr))
    for place, rates in RATES.items()
    for optimizer, lrs in rates.items()
    for lr in lrs
]


@in_a_sentence
def main() -> int:
    options = _options()
    points = asked_for(POINTS, options.only)
    kept = Kept("independent", CASE, lambda row: [*row.values()][:-1], here(), options.out)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        asked = {pool.submit(train, *job): job for job in _jobs(points, options.seeds, kept.rows)}
        for done in as_completed(asked):
            rows = rows_of(*asked[done], done.result())
            show(rows)
            kept.add(rows)
    rows = compared({point: stored(point) for point in points}, kept.rows)
    show(rows)
    return 1 if min(row["p"] for row in rows) < ALPHA else 0


def _jobs(points: list[Point], most: int, kept: list[dict]) -> Iterator[tuple[Point, int]]:
    """The runs that are not kept yet."""
    known = {tuple(row[column] for column in CASE[:-1]) for row in kept}
    for point in points:
        for seed in range(min(point.seeds, most)):
            if (*point.key, seed) not in known:
                yield point, seed


def _options() -> argparse.Namespace:
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    known.add_argument("--only", default="", help="only points whose names contain this")
    known.add_argument("--seeds", type=at_least(1), default=99, help="no more seeds of a point")
    known.add_argument("--out", type=Path, default=RESULTS, help="folder for the table")
    return known.parse_args()


def _run(study: Study, point: Point, seed: int) -> Run:
    sweep = study.sweeps[point.sweep]
    return Run(study.name, sweep.task, sweep.batch, point.optimizer, point.lr, seed)


def train(point: Point, seed: int) -> dict[str, float]:
    """The final metrics of a point, trained by plain PyTorch."""
    import torch
    from ways.whole import trained

    from largebatch.data.load import load_dataset

    torch.set_num_threads(1)
    study = load_study(point.study)
    run = _run(study, point, seed)
    data = load_dataset(Path(Plan.data(study.tasks[run.task].dataset)))
    return trained(study.spec(run), data)


def stored(point: Point) -> list[dict]:
    """The final metrics of its stored runs, one for each seed."""
    study = load_study(point.study)
    runs = [_run(study, point, seed) for seed in study.sweeps[point.sweep].seeds]
    tables = (read_run(study, run, Path(".")).table for run in runs)
    return [{name: table[name][-1].as_py() for name in table.column_names} for table in tables]


def rows_of(point: Point, seed: int, found: dict[str, float]) -> list[dict]:
    """Rows of the table on disk: one for each metric of a run."""
    run = dict(zip(CASE[:-1], (*point.key, seed), strict=True))
    return [run | {"metric": metric, "plain": value} for metric, value in found.items()]


def compared(ours: dict[Point, list[dict]], rows: list[dict]) -> list[dict]:
    """A row for each point and metric: mean, standard deviation and seeds of both, and p."""
    found = []
    for point, runs in ours.items():
        plain: dict[str, list[float]] = {}
        for row in rows:
            if tuple(row[column] for column in PLACE) == point.key:
                plain.setdefault(row["metric"], []).append(row["plain"])
        place = dict(zip(PLACE, point.key, strict=True))
        for metric, values in plain.items():
            found.append(place | {"metric": metric} | _row([run[metric] for run in runs], values))
    corrected = holm(np.array([row["p"] for row in found]))
    return [row | {"p": float(p)} for row, p in zip(found, corrected, strict=True)]


def _row(ours: list[float], plain: list[float]) -> dict:
    first, second = _moments(ours), _moments(plain)
    return {
        **dict(zip(("largebatch", "std", "n"), first, strict=True)),
        **dict(zip(("plain", "plain std", "plain n"), second, strict=True)),
        "p": float(ttest_ind_from_stats(*first, *second).pvalue),
    }


def _moments(values: list[float]) -> tuple[float, float, int]:
    """Mean, standard deviation (0 of one value, which adds nothing to a common one) and number."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(np.mean(values)), spread, len(values)


if __name__ == "__main__":
    sys.exit(main())
