"""Memory for what a model computes between weights and gradients."""

from math import prod

import torch
from torch import Tensor

from largebatch.models.parameters import ALIGNMENT


def lane_buffer(
    lanes: int, *shape: int, dtype: torch.dtype, device: torch.device | str = "cpu"
) -> Tensor:
    """(lanes, *shape) of zeros, each lane contiguous and followed by a gap.

    Two things make a run's bits depend on its slot: vectorised kernels treat the last few elements
    of a row differently, and BLAS looks at the alignment of a matrix. The gap keeps PyTorch from
    joining two lanes into one row, and starts every lane on a 64-byte boundary; so all lanes are
    alike, whatever the shape.
    """
    size = prod(shape)
    stride = (size // ALIGNMENT + 1) * ALIGNMENT
    buffer = torch.zeros(lanes, stride, dtype=dtype, device=device)
    return buffer[:, :size].unflatten(1, shape)
