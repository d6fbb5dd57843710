"""What of a run's curve is compared: one number a run, from (..., epochs) to (...)."""

import numpy as np

from largebatch.analysis.claims.grid import Grid
from largebatch.analysis.claims.scores import TINY


def final(curves: np.ndarray) -> np.ndarray:
    """The score after the last epoch."""
    return curves[..., -1]


def mean_over(curves: np.ndarray, first: float, last: float) -> np.ndarray:
    """Mean score over a window, given in fractions of all epochs: (0, 1) is the whole curve."""
    return _window(curves, first, last).mean(-1)


def instability(curves: np.ndarray, first: float, last: float) -> np.ndarray:
    """log of the instability index: sd of the change from epoch to epoch within a window.

    A divergence is one jump, to the score of an untrained network.
    """
    changes = np.diff(_window(curves, first, last), axis=-1)
    return np.log(np.maximum(changes.std(-1), TINY))


def until_update(curves: np.ndarray, updates: np.ndarray, last: float) -> np.ndarray:
    """Mean score over the epochs that end at or before update `last`, and at least the first."""
    epochs = max(1, int(np.searchsorted(updates, last, side="right")))
    return curves[..., :epochs].mean(-1)


def cost_to_target(
    curves: np.ndarray, costs: np.ndarray, target: float, unreached: float
) -> np.ndarray:
    """log of the cost (updates, seconds) up to the first epoch whose score is at most `target`.

    costs: (epochs,) or like curves. A run that never gets there costs `unreached`.
    """
    reached = curves <= target
    first = np.argmax(reached, axis=-1)
    costs = np.broadcast_to(costs, curves.shape)
    cost = np.take_along_axis(costs, first[..., None], -1)[..., 0]
    return np.log(np.where(reached.any(-1), cost, unreached))


def target_of(grid: Grid, optimizer: str, slack: float) -> float:
    """The best mean final score of an optimizer over the grid, and `slack` worse.

    Always better than an untrained network, which a run that fails counts as.
    """
    best = grid.mean_final[grid.index(optimizer)].min()
    return min(float(best) + slack, float(np.nextafter(grid.level, -np.inf)))


def _window(curves: np.ndarray, first: float, last: float) -> np.ndarray:
    epochs = curves.shape[-1]
    start = min(round(first * epochs), epochs - 1)
    return curves[..., start : max(round(last * epochs), start + 1)]
