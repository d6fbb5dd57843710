"""Where on a grid of learning rates something happens, from mean scores at the rates.

`x` (rates,) is log2 of the effective learning rates, ascending. Scores have the rates as their
second-last axis, (..., rates, draws). Results are bounds, (2, ..., draws): the lowest and the
highest possible value. The two are equal unless the grid ends too early to tell.
"""

import numpy as np


def optimum(x: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Minimum of the parabola through the best rate and its neighbours.

    It lies between the midpoints to the neighbours; at an end of the grid only one of these is
    known. Of equal scores the one at the smaller rate is best. Fewer than three rates tell nothing.
    """
    best = np.argmin(scores, axis=-2)
    if len(x) < 3:
        return unknown(*best.shape)
    middle = np.clip(best, 1, len(x) - 2)
    around = np.stack([middle - 1, middle, middle + 1], axis=-2)
    left, centre, right = np.moveaxis(np.take_along_axis(scores, around, -2), -2, 0)
    h_left, h_right = x[middle] - x[middle - 1], x[middle + 1] - x[middle]
    rise_left, rise_right = (left - centre) / h_left, (right - centre) / h_right
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = (rise_left * h_right - rise_right * h_left) / (2 * (rise_left + rise_right))
    vertex = x[middle] + shift  # 0/0 only at an end, where it is not used
    first, last = best == 0, best == len(x) - 1
    low = np.where(first, -np.inf, np.where(last, (x[-2] + x[-1]) / 2, vertex))
    return bounds(low, np.where(first, (x[0] + x[1]) / 2, np.where(last, np.inf, vertex)))


def beginning(x: np.ndarray, first: np.ndarray, between: bool = False) -> np.ndarray:
    """The rate with the index `first`, from which something holds; len(x) where it never does.

    between: it may hold from any rate above the grid's previous one, not only from a rate of the
    grid.
    """
    known = np.nextafter(x[:-1], np.inf) if between else x[1:]
    low, high = np.r_[-np.inf, known, x[-1]], np.r_[x, np.inf]
    return bounds(low[first], high[first])


def bounds(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Numbers of which only the lowest and highest possible value are known."""
    return np.stack([low, high])


def exactly(values: np.ndarray) -> np.ndarray:
    """Numbers that are known, as bounds."""
    return np.stack([values, values])


def unknown(*shape: int) -> np.ndarray:
    """Numbers that can be anything, as bounds."""
    return bounds(np.full(shape, -np.inf), np.full(shape, np.inf))


def minus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Bounds of a difference."""
    return bounds(a[0] - b[1], a[1] - b[0])


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Draws (2, draws) of a difference, pairing the highest of one with the lowest of the other.

    No dependence of the two gives a larger variance.
    """
    return minus(_ascending(a), _ascending(b)[:, ::-1])


def _ascending(draws: np.ndarray) -> np.ndarray:
    return draws[:, np.lexsort(draws[::-1])]


def weighted(weights: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Bounds of a weighted sum over the terms; weights (terms,), terms (terms, 2, ...)."""
    total = np.zeros(terms.shape[1:])
    for weight, term in zip(weights, terms, strict=True):
        if weight:  # zero times an unknown end is zero
            total += weight * (term if weight > 0 else term[::-1])
    return total
