"""Memory for what a model computes between weights and gradients.

There are two kinds, because two libraries have conditions of their own:

- a `lane_buffer` for what vectorised functions write and matrix products read;
- a `product_buffer` for what matrix products write.
"""

from math import prod

from torch import Tensor

from largebatch.models.parameters import ALIGNMENT


def lane_buffer(like: Tensor, *shape: int) -> Tensor:
    """(lanes, *shape) of zeros, each lane contiguous and followed by a gap.

    Two things could make a run's bits depend on its slot: vectorised kernels treat the last few
    elements of a row differently, and BLAS looks at the alignment of a matrix. The gap keeps
    PyTorch from joining two lanes into one row, and lets every lane start on a 64-byte boundary, so
    all lanes are treated the same, whatever the shape. like: any tensor of the model, lane first.
    """
    size = prod(shape)
    stride = (size // ALIGNMENT + 1) * ALIGNMENT
    return like.new_zeros(len(like), stride)[:, :size].unflatten(1, shape)


def product_buffer(like: Tensor, *shape: int) -> Tensor:
    """(lanes, *shape) of zeros, without gaps where the alignment of every lane allows it.

    PyTorch hands all lanes to BLAS in one call only if the result has no gaps (3 times as fast for
    22 lanes at batch size 1). Apart from matrix products, only operations that round every element
    the same way (+, -, x) may write to it.
    """
    if prod(shape) % ALIGNMENT:
        return lane_buffer(like, *shape)
    return like.new_zeros(len(like), *shape)
