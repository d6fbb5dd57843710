"""How far a y-axis reaches, by rule: absurd values must not squash the interesting ones.

On a log axis the interesting range lies between the panel's best (smallest) and its median mean. The
axis reaches at most three times as far above the median as the best lies below it, in decades, and
may always reach 1.5 decades above it. On an accuracy axis the same holds downwards, with 15 per cent
points instead of 1.5 decades. Training curves of accuracy are shown whole. What lies beyond is marked
at the edge (see `marks.py`). The rule reads only what the panel shows.
"""

import numpy as np

from largebatch.figures.points import Points

REACH = 3.0
LEAST_DECADES = 1.5
LEAST_ACCURACY = 0.15
MARGIN = 0.06  # of the axis, on both sides


def log_limits(shown: Points) -> tuple[float, float]:
    """Limits of a loss or perplexity axis. An error bar adds at most half a decade at the bottom."""
    usable = np.isfinite(shown.mean) & (shown.mean > 0)
    if not usable.any():
        return 0.1, 10.0
    mean, std = shown.mean[usable], np.nan_to_num(shown.std[usable])
    middle, best = np.median(np.log10(mean)), np.log10(mean.min())
    ceiling = middle + max(LEAST_DECADES, REACH * (middle - best))
    bars_up = np.log10(mean + std)[np.log10(mean) <= ceiling]
    bars_down = np.log10(np.maximum(mean - std, mean / 10**0.5))
    low, high = bars_down.min(), min(bars_up.max(), ceiling)
    low, high = _with_margin(low, max(high, low + 0.1))
    return float(10**low), float(10**high)


def accuracy_limits(shown: Points, whole: bool) -> tuple[float, float]:
    """Limits of an accuracy axis, in fractions; `whole`: whatever the values are."""
    finite = np.isfinite(shown.mean)
    if not finite.any():
        return 0.0, 1.0
    mean, std = shown.mean[finite], np.nan_to_num(shown.std[finite])
    middle, best = np.median(mean), mean.max()
    floor = 0.0 if whole else middle - max(LEAST_ACCURACY, REACH * (best - middle))
    low = max((mean - std)[mean >= floor].min(), floor)
    high = min((mean + std).max(), 1.0)
    low, high = _with_margin(low, max(high, low + 0.01))
    return float(low), float(high)


def _with_margin(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * (high - low)
    return low - margin, high + margin
