"""Initial weights of a dense layer, (fan_in, fan_out), drawn from one run's own generator.

They are drawn in float64 and rounded by the caller, so that a run starts from the same point in
every precision.
"""

from math import sqrt

import torch
from torch import Tensor

CONNECTIONS = 15  # Martens (2010), section 5: incoming connections per unit


def sparse(fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    """Martens (2010): N(0, 1) on 15 random inputs of each unit (all of them if fewer), else 0."""
    weight = torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float64)
    rank = torch.rand(fan_in, fan_out, generator=generator, dtype=torch.float64)
    if fan_in <= CONNECTIONS:
        return weight
    lowest = rank.T.contiguous().topk(CONNECTIONS, 1, largest=False, sorted=False).indices.T
    return torch.zeros_like(weight).scatter_(0, lowest, weight.gather(0, lowest))


def glorot(fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    """Glorot & Bengio (2010), eq. 16: U(-a, a) with a = sqrt(6 / (fan_in + fan_out))."""
    limit = sqrt(6 / (fan_in + fan_out))
    return uniform((fan_in, fan_out), limit, generator)


def he(fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    """He et al. (2015), eq. 10: N(0, 2 / fan_in)."""
    weight = torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float64)
    return weight.mul_(sqrt(2 / fan_in))


def uniform(shape: tuple[int, ...], limit: float, generator: torch.Generator) -> Tensor:
    """U(-limit, limit)."""
    weight = torch.rand(shape, generator=generator, dtype=torch.float64)
    return weight.mul_(2).sub_(1).mul_(limit)


INITS = {"sparse": sparse, "glorot": glorot, "he": he}
