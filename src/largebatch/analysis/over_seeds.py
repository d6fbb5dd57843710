"""The seeds of one point of a sweep in four numbers, the same four in all tables."""

from collections.abc import Collection

import numpy as np


def over_seeds(values: Collection[float]) -> dict[str, float | None]:
    """mean and std (ddof = 1) over the `n` finite values; the others count as `diverged`."""
    finite = np.array([value for value in values if np.isfinite(value)])
    with np.errstate(over="ignore"):  # the square of an absurd loss
        std = float(finite.std(ddof=1)) if finite.size > 1 else None
    return {
        "mean": float(finite.mean()) if finite.size else None,
        "std": std,
        "n": finite.size,
        "diverged": len(values) - finite.size,
    }
