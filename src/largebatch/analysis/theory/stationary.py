"""The stationary noise floor of one direction under additive noise (paper secs. 1.1 and 2).

Gradient h w + xi, Var xi = u (the paper's Sigma/B). All arguments broadcast.
"""

import numpy as np
from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def variance(
    effective_lr: ArrayLike, momentum: ArrayLike, curvature: ArrayLike, noise_variance: ArrayLike
) -> Array:
    """Stationary <w^2> = e_eff u / (h (2 - e_eff h (1-m)/(1+m))); inf where none exists.

    With u = Sigma/B the numerator is T Sigma (eqs. 3 and 10). To first order in e_eff h it
    depends on T alone, as sec. 1.2 says; the bracket is what momentum changes (sec. 2).
    """
    e, m, h, u = map(float64, (effective_lr, momentum, curvature, noise_variance))
    bracket = 2 - e * h * (1 - m) / (1 + m)
    with np.errstate(divide="ignore"):
        return np.where(bracket > 0, e * u / (h * bracket), np.inf)


def variance_ratio(x: ArrayLike, momentum: ArrayLike) -> Array:
    """Stationary variance of SGD over heavy ball's at x = e_eff h (sec. 2's two regimes, exact).

    (2 - x(1-m)/(1+m)) / (2 - x): 1 as x -> 0, infinite from x = 2, where SGD is unstable.
    """
    x, m = float64(x), float64(momentum)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x < 2, (2 - x * (1 - m) / (1 + m)) / (2 - x), np.inf)
