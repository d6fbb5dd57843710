"""Exact moments of SGD and heavy ball on quadratics with additive noise, for any schedule.

One eigen-direction: gradient h w + xi, Var xi = u = c/B (eq. 2); v <- m v + g; w <- w - e v
(eq. 8). An update is linear in (w, v), so n equal ones are a matrix power and a noise
covariance, both found by doubling in log2(n) products. Nothing is inverted, so the edge of
stability (SGD at e h = 2) and diverging directions (inf) are exact too. The rate is outside
the buffer, which is kept when the rate drops (eq. 8 read with dampening 0). Arguments broadcast.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


class Moments(NamedTuple):
    """Means of w and v and raw second moments <ww>, <wv>, <vv>."""

    w: Array
    v: Array
    ww: Array
    wv: Array
    vv: Array


class Update(NamedTuple):
    """(w, v) -> [[a, b], [c, d]] (w, v) + noise of covariance [[qww, qwv], [qwv, qvv]]."""

    a: Array
    b: Array
    c: Array
    d: Array
    qww: Array
    qwv: Array
    qvv: Array


def at_rest(mean: ArrayLike, second_moment: ArrayLike) -> Moments:
    """Before training: <w> and <w^2> given, v = 0 (eq. 8 starts with an empty sum)."""
    mean, second = np.broadcast_arrays(float64(mean), float64(second_moment))
    zero = np.zeros_like(mean)
    return Moments(mean, zero, second, zero, zero)


def one_update(
    effective_lr: ArrayLike, momentum: ArrayLike, curvature: ArrayLike, noise_variance: ArrayLike
) -> Update:
    """One update of eq. 8 with e = effective_lr (1 - m) (eq. 10)."""
    arrays = map(float64, (effective_lr, momentum, curvature, noise_variance))
    effective_lr, m, h, u = np.broadcast_arrays(*arrays)
    e = effective_lr * (1 - m)
    return Update(1 - e * h, -e * m, h, m, e * e * u, -e * u, u)


def then(first: Update, second: Update) -> Update:
    """The update that does `first`, then `second`."""
    a, b, c, d, *_ = first
    A, B, C, D, *_ = second
    qww, qwv, qvv = _congruence(second, first.qww, first.qwv, first.qvv)
    return Update(A * a + B * c, A * b + B * d, C * a + D * c, C * b + D * d, qww, qwv, qvv)


def repeat(update: Update, steps: int) -> Update:
    """`update` done `steps` times (>= 1), by repeated doubling."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    while steps % 2 == 0:
        update, steps = then(update, update), steps // 2
    result = update
    while steps := steps // 2:
        update = then(update, update)
        if steps % 2:
            result = then(result, update)
    return result


def advance(moments: Moments, update: Update) -> Moments:
    """Moments after `update`."""
    w, v, ww, wv, vv = moments
    a, b, c, d, *_ = update
    return Moments(a * w + b * v, c * w + d * v, *_congruence(update, ww, wv, vv))


def _congruence(update: Update, ww: Array, wv: Array, vv: Array) -> tuple[Array, Array, Array]:
    """A S A' + Q for the symmetric S = [[ww, wv], [wv, vv]]."""
    a, b, c, d, qww, qwv, qvv = update
    top, bottom = a * ww + b * wv, a * wv + b * vv  # first row of A S
    return (
        a * top + b * bottom + qww,
        c * top + d * bottom + qwv,
        c * c * ww + 2 * c * d * wv + d * d * vv + qvv,
    )
