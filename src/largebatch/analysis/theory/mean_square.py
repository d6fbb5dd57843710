"""Multiplicative noise: Gaussian least squares, where stability depends on the batch (sec. 2).

Inputs x ~ N(0, diag h), targets x'w* + label noise of variance s. A batch of B i.i.d.
examples gives a gradient with mean h_i w_i and covariance
(h_i^2 <w_i^2> + h_i sum_j h_j <w_j^2> + s h_i) / B
(fourth moment of a Gaussian; w is the distance to w*). Under the additive noise of sec. 1
the stability limit does not depend on B; this is the setting in which sec. 2's "largest
stable learning rate proportional to the batch" is exact.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from largebatch.analysis.theory.moments import Moments, advance, one_update
from largebatch.analysis.theory.stability import Array, update_matrix


def isotropic_limit(
    batch: ArrayLike, dimension: ArrayLike, momentum: ArrayLike = 0.0, curvature: ArrayLike = 1.0
) -> Array:
    """Largest mean-square-stable effective_lr when all d curvatures are h (sec. 2).

    2 / (h ((d+1)/B + (1-m)/(1+m))); SGD: 2B / (B + d + 1) / h. Proportional to B up to about
    `critical_batch`, then 2(1+m)/((1-m)h), the limit without noise.
    """
    b, d, m, h = map(np.float64, (batch, dimension, momentum, curvature))
    return 2 / (h * ((d + 1) / b + (1 - m) / (1 + m)))


def critical_batch(dimension: ArrayLike, momentum: ArrayLike = 0.0) -> Array:
    """Batch at which noise and curvature limit alike: (d+1)(1+m)/(1-m) (isotropic; sec. 2)."""
    d, m = np.float64(dimension), np.float64(momentum)
    return (d + 1) * (1 + m) / (1 - m)


def stability_limit(batch: float, curvatures: ArrayLike, momentum: float = 0.0) -> float:
    """Largest mean-square-stable effective_lr for any spectrum (sec. 2).

    The stationary variance per unit of noise (`stationary.variance`) closes the loop of
    noise feeding itself at gain 1: sum_i x_i / (2B - x_i (1 + B r)) = 1, x_i = e_eff h_i,
    r = (1-m)/(1+m). The left side grows with e_eff, so the root is unique.
    """
    h = np.asarray(curvatures, dtype=np.float64)
    loss = 1 + batch * (1 - momentum) / (1 + momentum)
    pole = 2 * batch / (h.max() * loss)  # e_eff at which the stiffest direction alone has gain inf

    def excess_gain(share: float) -> float:
        x = share * pole * h
        return float(np.sum(x / (2 * batch - x * loss))) - 1

    return pole * brentq(excess_gain, 0.0, 1 - 1e-15, xtol=1e-15, rtol=1e-14)


def noise_variance(ww: Array, curvatures: Array, batch: float, label_noise: float = 0.0) -> Array:
    """Covariance of the batch gradient per direction, shape (..., d) (module docstring)."""
    total = (curvatures * ww).sum(-1, keepdims=True)
    return curvatures * (curvatures * ww + total + label_noise) / batch


def after(
    schedule: Iterable[tuple[ArrayLike, int]],
    momentum: ArrayLike,
    curvatures: ArrayLike,
    batch: float,
    start: Moments,
    label_noise: float = 0.0,
) -> Moments:
    """Exact moments, shape (..., d), after a schedule of (effective_lr, steps).

    The noise couples all directions, so this takes one step at a time; learning rates and
    momenta of shape (..., 1) run side by side.
    """
    h = np.asarray(curvatures, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is a value
        for effective_lr, steps in schedule:
            for _ in range(steps):
                noise = noise_variance(start.ww, h, batch, label_noise)
                start = advance(start, one_update(effective_lr, momentum, h, noise))
    return start


def second_moment_operator(
    effective_lr: float, momentum: float, curvatures: ArrayLike, batch: float
) -> Array:
    """The (3d, 3d) matrix that maps all (<ww>, <wv>, <vv>) to the next; stable iff radius < 1.

    Dense and exact: what `stability_limit` is checked against.
    """
    h = np.asarray(curvatures, dtype=np.float64)
    d = len(h)
    operator = np.zeros((3, d, 3, d))
    direction = np.arange(d)
    matrix = update_matrix(effective_lr, momentum, h)  # (d, 2, 2)
    e = effective_lr * (1 - momentum)
    entries = ((0, 0), (0, 1), (1, 1))
    for row, (i, j) in enumerate(entries):
        for column, (k, p) in enumerate(entries):
            term = matrix[:, i, k] * matrix[:, j, p]
            swapped = matrix[:, i, p] * matrix[:, j, k] if k != p else 0
            operator[row, direction, column, direction] = term + swapped
    per_variance = (np.outer(h, h) + np.diag(h**2)) / batch  # d noise_variance / d <ww>
    for row, weight in enumerate((e * e, -e, 1.0)):
        operator[row, :, 0, :] += weight * per_variance
    return operator.reshape(3 * d, 3 * d)
