"""One test of one part of a claim, in the words and units that its reader sees."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from largebatch.analysis.claims.evidence import NOTHING, Evidence

INTERVAL, SEEDS, GRID, SCALE = "interval", "seeds", "grid", "scale"
NO_RATES = "the grid has no such learning rate"
FEW = 3  # with fewer seeds than this, an open question needs more seeds first
Units = Callable[[float], float]  # from scores to what a reader sees, increasing


@dataclass(frozen=True)
class Finding:
    """One tested part: `label` says where, `quantity` what is estimated, `wanted` what is claimed.

    open: GRID or SCALE if no number could decide it here. n: seeds. censored: the estimate is a
    place on the grid, which ends too early to bound it.
    """

    label: str
    quantity: str
    wanted: str
    evidence: Evidence[float]
    n: int
    open: str | None = None
    censored: bool = False

    @property
    def p(self) -> tuple[float, float]:
        """(support, against): the p-values of the claim failing and of it holding."""
        return (1.0, 1.0) if self.open else (self.evidence.support, self.evidence.against)

    @property
    def sentence(self) -> str:
        e, ours = self.evidence, ""
        if self.evidence is not NOTHING:
            ours = f" {number(e.estimate)} [{number(e.low)}, {number(e.high)}]"
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
    evidence: Evidence[float],
    n: int,
    units: Units = lambda value: value,
    open: str | None = None,
    on_grid: bool = False,
) -> Finding:
    """A finding whose estimate and interval are converted from scores to `units` (increasing).

    on_grid: whether the estimate is a place on the grid of rates or batches.
    """
    with np.errstate(over="ignore"):
        shown = [float(units(v)) for v in (evidence.estimate, evidence.low, evidence.high)]
    plain = Evidence(float(evidence.support), float(evidence.against), *shown)
    bounded = np.isfinite(evidence.low) and np.isfinite(evidence.high)
    return Finding(label, quantity, wanted, plain, n, open, on_grid and not bounded)


def no_rates(label: str, wanted: str, n: int, why: str = NO_RATES) -> Finding:
    """A finding for a grid without any learning rate at which the claim could be tested."""
    return Finding(label, why, wanted, NOTHING, n, GRID)


def share(value: float) -> float:
    """Clip a difference of accuracies or a correlation, and its interval, to [-1, 1]."""
    return float(np.clip(value, -1.0, 1.0))


def number(value: float) -> str:
    """Format with three digits, enough for an estimate from five seeds."""
    return "-" if np.isnan(value) else f"{value + 0.0:.3g}"  # no minus zero
