"""Are two studies' final metrics equal up to a margin? For a faster precision or another GPU.

    python benchmarks/equivalence.py results/A results/B --metric test_accuracy --margin 0.005
    python benchmarks/equivalence.py results/A results/B --metric test_loss --margin 0.02 --relative

Runs of the same task, batch, optimizer, rate and seed are paired; they have the same initial
weights, order and augmentation. Each point of the grid gets two one-sided t-tests (Schuirmann,
1987): it is `equivalent` if a mean difference as large as the margin is refuted on both sides,
`different` if one as small is refuted, and otherwise `undecided` (needs more seeds). Holm's
correction is applied over the grid. A few seeds may agree by chance, so a difference is taken to
scatter by at least a quarter of the margin, as in the claims (docs/claims.md, 'Seeds that agree'):
two seeds never show that a point is equivalent. A point where a run diverges in only one study is
`different`; one where all runs of both diverge is `equivalent`. A precision may become the paper's
default when every point is equivalent on the paper's data. The exit code is then 0, otherwise 1,
and 2 if there is nothing to compare.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from parts.options import in_a_sentence, positive
from rows import show

from largebatch.analysis.claims.evidence import holm
from largebatch.analysis.claims.paired import equivalent
from largebatch.errors import UserError
from largebatch.records import read_with_record

RESOLUTION = 0.25  # share of the margin by which seeds are taken to scatter at least


@dataclass(frozen=True)
class Point:
    """One point of the grid: differences of the pairs, and how often one or both diverged."""

    name: str
    differences: tuple[float, ...]
    diverged_once: int = 0
    diverged_both: int = 0


@in_a_sentence
def main() -> int:
    options = _options()
    first, second = (finals(study, options.metric) for study in (options.first, options.second))
    points = pair(first, second, options.relative)
    verdicts = judge(points, options.margin, options.alpha)
    show([_row(point, verdict) for point, verdict in zip(points, verdicts, strict=True)])
    return 0 if set(verdicts) == {"equivalent"} else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path, help="results/<study> of the first study")
    parser.add_argument("second", type=Path, help="results/<study> of the second study")
    parser.add_argument("--metric", default="test_loss")
    parser.add_argument(
        "--margin", type=positive, required=True, help="greatest tolerated difference of means"
    )
    parser.add_argument(
        "--relative", action="store_true", help="compare logarithms: 0.02 is two per cent"
    )
    parser.add_argument("--alpha", type=positive, default=0.05)
    return parser.parse_args()


def finals(study: Path, metric: str) -> dict[str, float | None]:
    """{run below runs/: last epoch's metric, None if it diverged}; every file is verified.

    Raises UserError if a finished run lacks the metric.
    """
    found = {}
    for path in sorted((study / "runs").rglob("*.parquet")):
        table, record = read_with_record(path)
        name, last = path.relative_to(study / "runs").as_posix(), None
        if record["status"] != "diverged":
            known = [column for column in table.column_names if table[column][-1].is_valid]
            if metric not in known:
                raise UserError(f"{path}: it has no {metric}; --metric is one of {known}.")
            last = table[metric][-1].as_py()
        found[name] = last
    return found


def pair(first: dict, second: dict, relative: bool = False) -> list[Point]:
    """Pair the runs of both studies by point of the grid (everything but the seed).

    Raises UserError if there is nothing to compare.
    """
    if not first.keys() & second.keys():
        raise UserError("the two studies have no run in common; name two results/<study>.")
    grid: dict[str, list[tuple]] = {}
    for name in first.keys() & second.keys():
        grid.setdefault(name.rpartition("/")[0], []).append((first[name], second[name]))
    return [_point(name, pairs, relative) for name, pairs in sorted(grid.items())]


def _point(name: str, pairs: Iterable[tuple], relative: bool) -> Point:
    pairs = list(pairs)
    whole = [(a, b) for a, b in pairs if a is not None and b is not None]
    both = sum(a is None and b is None for a, b in pairs)
    if relative and any(min(some) <= 0 for some in whole):
        raise UserError(f"{name}: a metric is not positive, so compare without --relative.")
    scale = math.log if relative else float
    differences = tuple(scale(b) - scale(a) for a, b in whole)
    return Point(name, differences, len(pairs) - len(whole) - both, both)


def judge(points: list[Point], margin: float, alpha: float = 0.05) -> list[str]:
    """One verdict per point; each of the two errors, over all points, is at most `alpha`."""
    beyond, within = np.transpose([_p(point, margin, alpha) for point in points])
    return [
        "equivalent" if same else "different" if apart else "undecided"
        for same, apart in zip(holm(beyond) < alpha, holm(within) < alpha, strict=True)
    ]


def _p(point: Point, margin: float, alpha: float) -> tuple[float, float]:
    """The p-values of a difference beyond the margin, and of one within it."""
    if point.diverged_once:
        return 1.0, 0.0
    if not point.differences:  # all runs of both studies diverged
        return 0.0, 1.0
    found = equivalent(np.array(point.differences), margin, alpha, RESOLUTION * margin)
    return float(found.support), float(found.against)


def _row(point: Point, verdict: str) -> dict:
    known = point.differences
    return {
        "point": point.name,
        "mean difference": statistics.fmean(known) if known else math.nan,
        "largest": max(map(abs, known), default=math.nan),
        "pairs": len(known),
        "diverged in one": point.diverged_once,
        "in both": point.diverged_both,
        "verdict": verdict,
    }


if __name__ == "__main__":
    sys.exit(main())
