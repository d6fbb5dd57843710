"""Gradient noise of minibatches of one size (secs. 1.1 and 2, app. A)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import kurtosis
from torch import Tensor

PROJECTIONS = 16


@dataclass(frozen=True)
class Noise:
    """The noise of minibatch gradients g_B of B examples.

    trace: an estimate of tr Sigma, the trace of the covariance of one example's gradient: B times
    the sample variance of g_B. It does not depend on B if noise goes as 1/sqrt(B) (sec. 1.1).
    squared_gradient: unbiased |mean gradient|^2. excess_kurtosis: mean over random projections of
    g_B; 0 if g_B is Gaussian (app. A).
    """

    trace: float
    squared_gradient: float
    excess_kurtosis: float

    @property
    def scale(self) -> float | None:
        """tr Sigma / |gradient|^2 (McCandlish et al. 2018); None where noise hides the gradient."""
        return self.trace / self.squared_gradient if self.squared_gradient > 0 else None


def noise_of(
    gradients: Iterable[Tensor], batch: int, examples: int, generator: torch.Generator
) -> Noise:
    """The noise, from gradients of disjoint minibatches of one shuffle of all `examples`.

    Any two of them have covariance -Sigma/N (eq. 19's exact form), so their sample variance has
    mean Sigma (1/B - 1/N) + Sigma/N = Sigma/B: no finite-population factor is left in `trace`.
    """
    count, squares, projected, directions = 0, 0.0, [], None
    total = torch.zeros((), dtype=torch.float64)
    for g in gradients:
        if directions is None:
            directions = torch.randn(PROJECTIONS, len(g), generator=generator).to(g)
        count += 1
        squares += float(g.double() @ g.double())
        total = total + g.double()
        projected.append((directions @ g).cpu().double().numpy())
    mean = total / count
    mean_square = float(mean @ mean)
    variance = (squares / count - mean_square) * count / (count - 1)
    # |mean|^2 contains the variance of a mean of `count` disjoint minibatches: (1/(count B) - 1/N).
    share = 1 / (count * batch) - 1 / examples
    return Noise(
        trace=batch * variance,
        squared_gradient=mean_square - batch * variance * share,
        excess_kurtosis=float(np.mean(kurtosis(np.array(projected), axis=0, bias=False))),
    )
