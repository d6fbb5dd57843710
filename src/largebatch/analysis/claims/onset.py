"""Where something begins to exceed a bound: at that rate (or batch) and at every larger one.

'It begins at or below x' says that it exceeds the bound everywhere from x upwards: the weakest
evidence decides, without correction. 'It begins above x' says that somewhere there it does not,
which is a chance to err for each place (see `evidence.conjunction`). A bootstrap of the place
itself takes neither into account, and puts it far too high where much is near the bound.
"""

import numpy as np

from largebatch.analysis.claims import locate, paired
from largebatch.analysis.claims.bootstrap import ROOT, Place
from largebatch.analysis.claims.evidence import Evidence, conjunction


def onset(
    x: np.ndarray,
    exceeds: Evidence[np.ndarray],
    least: float,
    alpha: float,
    draws: int,
    stream: int = 0,
    between: bool = False,
) -> Place:
    """The place where it begins, with draws from its confidence distribution.

    exceeds: (x,), evidence that the estimate is above `least`, at each of the ascending x. between:
    see `locate.beginning`.
    """
    chances = np.random.default_rng((ROOT, stream)).permutation((np.arange(draws) + 0.5) / draws)
    earliest, latest = (
        np.searchsorted(share, chances, side="right") for share in _shares(exceeds, alpha)
    )
    low, high = (locate.beginning(x, at, between)[i] for i, at in enumerate((earliest, latest)))
    from_here = np.logical_and.accumulate((exceeds.estimate > least)[::-1])
    estimate = locate.beginning(x, len(x) - from_here.sum(), between)
    return Place(estimate, locate.bounds(low, high))


def last_below(
    x: np.ndarray,
    scores: np.ndarray,
    level: float,
    alpha: float,
    draws: int,
    resolution: float,
    stream: int = 0,
) -> Place:
    """The same for the largest x up to which every score is below `level`; scores (x, seeds)."""
    exceeds = paired.better(level - scores[::-1], 0.0, alpha, resolution)
    estimate, drawn = onset(-x[::-1], exceeds, 0.0, alpha, draws, stream)
    return Place(-estimate[::-1], -drawn[::-1])


def _shares(exceeds: Evidence[np.ndarray], alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """The largest and the smallest confidence in 'it begins at or below x', for each x."""
    support, against = exceeds.support, exceeds.against
    parts = [conjunction(support[i:], against[i:], alpha) for i in range(len(support))]
    fails, holds = np.array(parts).T
    return np.maximum.accumulate(holds), 1 - fails
