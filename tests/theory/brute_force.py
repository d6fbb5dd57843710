"""What the closed forms are compared with: matrices, schedules, every direction by itself."""

import numpy as np

from largebatch.analysis.theory import moments
from largebatch.analysis.theory.spectrum import Spectrum


def update_matrix(effective_lr, momentum, curvature):
    """The matrix that takes (w, v) to the next (w, v), eq. 8; shape (..., 2, 2)."""
    effective_lr, m, h = np.broadcast_arrays(*map(np.float64, (effective_lr, momentum, curvature)))
    e = effective_lr * (1 - m)
    rows = np.stack([1 - e * h, -e * m], -1), np.stack([h, m], -1)
    return np.stack(rows, -2)


def second_moment_operator(effective_lr, momentum, curvatures, batch):
    """The (3d, 3d) matrix that maps all (<ww>, <wv>, <vv>) to the next; stable iff radius < 1.

    The noise is that of Gaussian least squares without label noise (`mean_square`).
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
    per_variance = (np.outer(h, h) + np.diag(h**2)) / batch  # d (covariance of noise) / d <ww>
    for row, weight in enumerate((e * e, -e, 1.0)):
        operator[row, :, 0, :] += weight * per_variance
    return operator.reshape(3 * d, 3 * d)


def harmonic(modes=10_000, h_max=1.0):
    """h_i = h_max/i, every direction by itself."""
    return Spectrum(h_max / np.arange(1.0, modes + 1), np.ones(modes))


def after(schedule, momentum, curvature, noise_variance, start):
    """Moments after a schedule of (effective_lr, steps), as `noisy_quadratic` takes its epochs."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for effective_lr, steps in schedule:
            update = moments.one_update(effective_lr, momentum, curvature, noise_variance)
            start = moments.advance(start, moments.repeat(update, steps))
    return start
