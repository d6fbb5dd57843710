"""What is compared of a run's curve: one number per run, (..., epochs) -> (...)."""

import numpy as np

from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.scores import TINY


def mean_over(curves: np.ndarray, first: float, last: float) -> np.ndarray:
    """Mean score over a window, given in fractions of all epochs: (0, 1) is the whole curve."""
    return _window(curves, first, last).mean(-1)


def instability(grid: Grid, optimizer: int, first: float, last: float) -> np.ndarray:
    """log of the instability index: sd of the change from epoch to epoch within a window.

    A divergence is one jump, to the score of an untrained network. A run that is no better than
    that throughout the window has not become stable: it counts as one that fell from the best score
    within the window.
    """
    window = _window(grid.curves[optimizer], first, last)
    spread, changes = np.diff(window, axis=-1).std(-1), window.shape[-1] - 1
    fall = (grid.level - grid.curves.min()) * np.sqrt(changes - 1) / changes
    failed = (window >= grid.level).all(-1)
    return np.log(np.maximum(np.where(failed, fall, spread), TINY))


def changes_in(epochs: int, first: float, last: float) -> int:
    """The number of changes from epoch to epoch within a window."""
    return len(_window(np.empty(epochs), first, last)) - 1


def until_update(curves: np.ndarray, updates: np.ndarray, last: float) -> np.ndarray:
    """Mean score over the epochs that end at or before update `last`, and at least the first."""
    epochs = max(1, int(np.searchsorted(updates, last, side="right")))
    return curves[..., :epochs].mean(-1)


def to_target(curves: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray]:
    """How many whole epochs a run takes to a score of at most `target`, and whether it gets there.

    A run that never does takes all epochs.
    """
    there = curves <= target
    reached = np.asarray(there.any(-1))
    return np.where(reached, there.argmax(-1) + 1, curves.shape[-1]), reached


def after(epochs: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """The cumulative cost after so many epochs; costs: (..., epochs)."""
    return np.take_along_axis(costs, epochs[..., None] - 1, -1)[..., 0]


def target_score(grid: Grid, optimizer: str, slack: float) -> float:
    """The best mean final score of an optimizer over the grid, worsened by `slack`.

    It is always better than the score of an untrained network, which a failed run counts as.
    """
    best = grid.means(optimizer).min()
    return min(float(best) + slack, float(np.nextafter(grid.level, -np.inf)))


def _window(curves: np.ndarray, first: float, last: float) -> np.ndarray:
    epochs = curves.shape[-1]
    start = min(round(first * epochs), epochs - 1)
    return curves[..., start : max(round(last * epochs), start + 1)]
