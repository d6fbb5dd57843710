"""Checks of measured curvature: the largest eigenvalue of the Hessian, `h_max`."""

from collections.abc import Iterator

import numpy as np

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.bench import Bench, splits
from largebatch.analysis.claims.bootstrap import located, within
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.finding import RATE, RATIO, Finding, finding
from largebatch.analysis.claims.locate import exactly
from largebatch.analysis.claims.optima import threshold_of
from largebatch.analysis.measure.log_h_max import RESOLUTION


def curvature_ratio(check: dict, bench: Bench) -> Iterator[Finding]:
    """h_max of each sweep in `sweeps` is more than `factor` times that of `against`."""
    for reference in check["sweeps"]:
        a, b = (bench.curvatures(r) for r in (reference, check["against"]))
        seeds = sorted(set(a) & set(b))
        if not seeds:
            raise NotRun(f"the h_max of {reference} and {check['against']} have no seed in common")
        difference = np.array([a[seed] - b[seed] for seed in seeds])
        yield finding(
            f"{reference} against {check['against']}",
            "h_max of the first over that of the second is",
            f"more than {check['factor']}",
            paired.better(
                difference, float(np.log(check["factor"])), bench.alpha, np.sqrt(2) * RESOLUTION
            ),
            len(seeds),
            RATIO,
        )


def curvature_threshold(check: dict, bench: Bench) -> Iterator[Finding]:
    """The threshold times h_max is 1, to within a `factor`.

    1/h_max need not be a rate of the grid, so neither need the threshold that is compared with it.
    """
    for reference in check["sweeps"]:
        curvature = np.array(list(bench.curvatures(reference).values())) / np.log(2)
        for split in splits(check):
            inverse = located(exactly, -curvature, bench.draws, RESOLUTION / np.log(2))
            threshold = threshold_of(bench.grid(reference, split), bench, between=True)
            product = threshold.minus(inverse)
            width = np.log2(check["factor"])
            yield finding(
                f"{reference}, {split}",
                "threshold times h_max is",
                f"between {1 / check['factor']:.3g} and {check['factor']}",
                within(product, -width, width, bench.alpha),
                len(curvature),
                RATE,
            )
