"""Multiplicative noise: Gaussian least squares, where stability depends on the batch (sec. 2).

Inputs x ~ N(0, diag h), targets x'w*. A batch of B i.i.d. examples gives a gradient with mean
h_i w_i and covariance (h_i^2 <w_i^2> + h_i sum_j h_j <w_j^2>) / B
(fourth moment of a Gaussian; w is the distance to w*). Under the additive noise of sec. 1
the stability limit does not depend on B; here sec. 2's "largest stable learning rate proportional
to the batch" holds while B is far below the dimension.
"""

from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def isotropic_limit(
    batch: ArrayLike, dimension: ArrayLike, momentum: ArrayLike = 0.0, curvature: ArrayLike = 1.0
) -> Array:
    """Largest mean-square-stable effective_lr when all d curvatures are h (sec. 2).

    2 / (h ((d+1)/B + (1-m)/(1+m))); SGD: 2B / (B + d + 1) / h. Proportional to B up to about
    (d+1)(1+m)/(1-m), then 2(1+m)/((1-m)h), the limit without noise.
    """
    b, d, m, h = map(float64, (batch, dimension, momentum, curvature))
    return 2 / (h * ((d + 1) / b + (1 - m) / (1 + m)))
