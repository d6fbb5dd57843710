"""Memory for what a model computes between weights and gradients.

Two kinds, because two libraries have their conditions:

- a `lane_buffer` for what vectorised functions write and matrix products read;
- a `product_buffer` for what matrix products write.
"""

from math import prod

from torch import Tensor

from largebatch.models.parameters import ALIGNMENT


def lane_buffer(like: Tensor, *shape: int) -> Tensor:
    """(lanes, *shape) of zeros, each lane contiguous and followed by a gap.

    Two things make a run's bits depend on its slot: vectorised kernels treat the last few elements
    of a row differently, and BLAS looks at the alignment of a matrix. The gap keeps PyTorch from
    joining two lanes into one row, and starts every lane on a 64-byte boundary; so all lanes are
    alike, whatever the shape. `like`: any tensor of the model, lane first.
    """
    size = prod(shape)
    stride = (size // ALIGNMENT + 1) * ALIGNMENT
    return like.new_zeros(len(like), stride)[:, :size].unflatten(1, shape)


def product_buffer(like: Tensor, *shape: int) -> Tensor:
    """(lanes, *shape) of zeros, without gaps where the alignment of every lane allows it.

    Only into a tensor without gaps does PyTorch hand all lanes to BLAS in one call (22 lanes at
    batch size 1: 3 times faster). Besides, only operations that round every element alike (+, -, x)
    may write to it.
    """
    if prod(shape) % ALIGNMENT:
        return lane_buffer(like, *shape)
    return like.new_zeros(len(like), *shape)
