"""How far a y-axis reaches, by rule: absurd values must not squash the interesting ones.

The yardstick is the panel's best line: the one with the best median. On a log axis the limit lies
three times as far above that median as the line's best point lies below it, in decades, and at
least 1.5 decades above. On an accuracy axis the same holds downwards, with 25 percentage points
instead of 1.5 decades; training curves of accuracy are shown whole. An axis ends earlier where its
points do. A theory twin's losses are exact, so those of slow runs are not hidden by this rule: its
axis shows all within some decades of the best. What lies beyond an axis is marked at its edge (see
`arrowheads.py`).
"""

import numpy as np

from largebatch.analysis.metrics import is_accuracy
from largebatch.figures.points import Points, joined

REACH = 3.0
LEAST_DECADES = 1.5
LEAST_ACCURACY = 0.25
BAR = 0.5  # decades that a bar below its mean may add to a log axis
MARGIN = 0.06  # of the axis, at both ends
EXACT_DECADES = 4
FACTOR = 1.3  # of margin on an axis that shows what is near the best


def log_limits(lines: list[Points]) -> tuple[float, float]:
    """Limits of a loss or perplexity axis."""
    logs = [np.log10(line.mean[line.mean > 0]) for line in lines]
    logs = [log for log in logs if log.size]
    if not logs:
        return 0.1, 10.0
    ceiling = _reach(min(logs, key=np.median), LEAST_DECADES)
    shown = joined(lines)
    shown = shown.where((shown.mean > 0) & (shown.mean <= 10**ceiling))
    low = np.log10(np.maximum(shown.mean - shown.spread, shown.mean / 10**BAR)).min()
    high = min(np.log10(shown.mean + shown.spread).max(), ceiling)
    low, high = _with_margin(low, max(high, low + 0.1))
    return float(10**low), float(10**high)


def accuracy_limits(lines: list[Points], whole: bool) -> tuple[float, float]:
    """Limits of an accuracy axis, in fractions; `whole`: without the rule, to show every value."""
    means = [line.mean[np.isfinite(line.mean)] for line in lines]
    means = [mean for mean in means if mean.size]
    if not means:
        return 0.0, 1.0
    reach = 0.0 if whole else -_reach(-max(means, key=np.median), LEAST_ACCURACY)
    floor = max(reach, 0.0)
    shown = joined(lines)
    shown = shown.where(shown.mean >= floor)
    low = max((shown.mean - shown.spread).min(), floor)
    high = min((shown.mean + shown.spread).max(), 1.0)
    low, high = _with_margin(min(low, high - 0.01), high)
    return float(low), float(high)


def near_best(values: np.ndarray, times: float) -> tuple[float, float]:
    """Limits of a log axis that show what is at most so many times the best (smallest) value."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.1, 10.0
    return known.min() / FACTOR, FACTOR * known[known <= times * known.min()].max()


def possible_values(metric: str) -> tuple[float, float]:
    """The values that a metric can have: an accuracy is a fraction; others are not bounded here."""
    return (0.0, 1.0) if is_accuracy(metric) else (-np.inf, np.inf)


def _reach(values: np.ndarray, least: float) -> float:
    """The limit of an axis on which small values are good."""
    middle = float(np.median(values))
    return middle + max(least, REACH * (middle - float(values.min())))


def _with_margin(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * (high - low)
    return low - margin, high + margin
