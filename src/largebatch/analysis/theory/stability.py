"""Where SGD and heavy ball oscillate and diverge on a quadratic (paper sec. 2, eqs. 13-14).

One eigen-direction of curvature h, no noise: v <- m v + h w; w <- w - e v, with
e = effective_lr (1 - m) (eq. 8). SGD is momentum 0. All arguments broadcast.
"""

import numpy as np
from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def spectral_radius(effective_lr: ArrayLike, momentum: ArrayLike, curvature: ArrayLike) -> Array:
    """Contraction per update: the largest |eigenvalue| of the map of (w, v), eq. 8 (sec. 2).

    The eigenvalues solve z^2 - (1 + m - e h) z + m = 0.
    """
    effective_lr, m, h = map(float64, (effective_lr, momentum, curvature))
    trace = 1 + m - effective_lr * (1 - m) * h
    root = np.sqrt(np.maximum(trace**2 - 4 * m, 0))
    return np.where(trace**2 < 4 * m, np.sqrt(m), (np.abs(trace) + root) / 2)


def stable_below(curvature: ArrayLike, momentum: ArrayLike = 0.0) -> Array:
    """Effective learning rate at which the iteration diverges: 2(1+m)/((1-m)h), SGD 2/h (sec. 2).

    This is the exact constant of the paper's threshold e_eff ~ beta/h_max (below eq. 14).
    """
    h, m = float64(curvature), float64(momentum)
    return 2 * (1 + m) / ((1 - m) * h)


def oscillates_above(curvature: ArrayLike, momentum: ArrayLike = 0.0) -> Array:
    """Effective learning rate above which w changes sign: SGD 1/h (sec. 2).

    With momentum (1 - sqrt m)/((1 + sqrt m) h), far below 1/h and below the rates at which the
    noise floors differ.
    """
    h, root = float64(curvature), np.sqrt(float64(momentum))
    return (1 - root) / ((1 + root) * h)


def sgd_contracts_faster(curvature: ArrayLike, momentum: ArrayLike) -> tuple[Array, Array]:
    """Effective learning rates between which SGD contracts faster than heavy ball.

    |1 - e_eff h| < sqrt(m), i.e. ((1 - sqrt m)/h, (1 + sqrt m)/h): there heavy ball is
    underdamped and its radius is sqrt(m) whatever h (consequence of eqs. 8 and 13).
    """
    h, root = float64(curvature), np.sqrt(float64(momentum))
    return (1 - root) / h, (1 + root) / h
