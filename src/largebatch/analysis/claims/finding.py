"""One test of one part of a claim, in the words and units that its reader sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from largebatch.analysis.claims.evidence import NOTHING, Evidence
from largebatch.analysis.metrics import is_accuracy

INTERVAL, SEEDS, GRID, SCALE = "interval", "seeds", "grid", "scale"
NO_RATES = "the grid has no such learning rate"
FEW = 3  # with fewer seeds than this, an open question needs more seeds first


def share(value: float) -> float:
    """Clip a difference of accuracies or a correlation, and its interval, to [-1, 1]."""
    return float(np.clip(value, -1.0, 1.0))


class Units(NamedTuple):
    """What a reader sees of scores.

    of: from scores to the numbers that are stored, increasing. name: `%` or `points` of fractions,
    which are then written in hundredths. on_grid: the number is a place on the grid of rates or
    batches.
    """

    of: Callable[[float], float]
    name: str = ""
    on_grid: bool = False

    def say(self, score: float) -> str:
        """`5 %`, `0.3 points` or `2`."""
        return f"{number(float(self.of(score)), self.name)} {self.name}".rstrip()


PLAIN, RATIO, CORRELATION = Units(float), Units(np.exp), Units(share)
RELATIVE, POINTS = Units(np.expm1, "%"), Units(share, "points")
RATE, SLOPE = Units(np.exp2, on_grid=True), Units(float, on_grid=True)


def units_of(metric: str) -> Units:
    """The units of a difference of two scores."""
    return POINTS if is_accuracy(metric) else RELATIVE


def contrast_units(metric: str) -> Units:
    """The units of a contrast of such differences; one of logarithms has none."""
    return Units(float, "points") if is_accuracy(metric) else PLAIN


@dataclass(frozen=True)
class Finding:
    """One tested part: `label` says where, `quantity` what is estimated, `wanted` what is claimed.

    unit: see `Units.name`. open: GRID or SCALE if no number could decide it here. n: seeds.
    censored: the estimate is a place on the grid, which ends too early to bound it.
    """

    label: str
    quantity: str
    wanted: str
    evidence: Evidence[float]
    n: int
    unit: str = ""
    open: str | None = None
    censored: bool = False

    @property
    def p(self) -> tuple[float, float]:
        """(support, against): the p-values of the claim failing and of it holding."""
        return (1.0, 1.0) if self.open else (self.evidence.support, self.evidence.against)

    @property
    def sentence(self) -> str:
        e = self.evidence
        ours = "" if e is NOTHING else f" {interval(e.estimate, e.low, e.high, self.unit)}"
        return f"{self.label}: {self.quantity}{ours}; the claim says {self.wanted}"

    @property
    def why_open(self) -> str:
        if self.open:
            return self.open
        if self.censored and self.n > 1:
            return GRID
        return SEEDS if self.n < FEW else INTERVAL


def finding(
    label: str,
    quantity: str,
    wanted: str,
    evidence: Evidence,
    n: int,
    units: Units = PLAIN,
    open: str | None = None,
) -> Finding:
    """A finding whose estimate and interval are converted from scores to `units`."""
    with np.errstate(over="ignore"):
        shown = [float(units.of(v)) for v in (evidence.estimate, evidence.low, evidence.high)]
    plain = Evidence(float(evidence.support), float(evidence.against), *shown)
    bounded = np.isfinite(evidence.low) and np.isfinite(evidence.high)
    censored = units.on_grid and not bounded
    return Finding(label, quantity, wanted, plain, n, units.name, open, censored)


def no_rates(label: str, wanted: str, n: int, why: str = NO_RATES) -> Finding:
    """A finding for a grid without any learning rate at which the claim could be tested."""
    return Finding(label, why, wanted, NOTHING, n, open=GRID)


def number(value: float, unit: str = "") -> str:
    """Three digits, enough for an estimate from five seeds; of hundredths if there is a unit."""
    shown = 100 * value if unit else value
    return "-" if np.isnan(value) else f"{shown + 0.0:.3g}"  # no minus zero


def interval(estimate: float, low: float, high: float, unit: str = "") -> str:
    """`-30.2 % [-35.6, -24.2]`."""
    words = f"{number(estimate, unit)} {unit}".rstrip()
    return f"{words} [{number(low, unit)}, {number(high, unit)}]"
