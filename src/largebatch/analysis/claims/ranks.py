"""Spearman's rank correlation (1904), vectorised, with average ranks for ties."""

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Average ranks along the last axis, from 1."""
    less = values[..., None, :] < values[..., :, None]
    same = values[..., None, :] == values[..., :, None]
    return less.sum(-1) + (same.sum(-1) + 1) / 2


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Correlation of the ranks along the last axis; 0 where all values are equal."""
    a, b = (r - r.mean(-1, keepdims=True) for r in (ranks(x), ranks(y)))
    scale = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, (a * b).sum(-1) / scale, 0.0)


def rank_step(n: int) -> float:
    """How far the correlation of n ranks goes down from 1 if two neighbours change places."""
    return 12 / (n * (n**2 - 1))
