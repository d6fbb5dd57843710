"""One convolution of all lanes at once.

Feature maps are those of `largebatch.models.lane_ops`: (batch, lanes * channels, height, width) in
memory order channels_last, so a lane is a slice of each pixel's channels. The lane is the outermost
dimension of a launch, so 8 lanes of batch 32 have as many programs as one of batch 256. cuDNN has
no such kernel: the convolution of one lane is small, and grouped ones are slow (docs/kernels.md).

Tiles and divisions follow from one lane's shape, sums have a fixed order and there are no atomics:
a lane's bits depend neither on its number nor on its company.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from largebatch.kernels.lane_conv_launch import forward, gradient_by_input, gradient_by_weight
from largebatch.kernels.lane_conv_tiles import ALIGNED, MOST_COLUMNS, Shape, Tiles, own_tiles

HOPPER = (9, 0)  # the first compute capability with the copy engine (TMA)


def lane_convolve_plain(x: Tensor, weight: Tensor, lanes: int, stride: int = 1) -> Tensor:
    """The twin of `lane_convolve`."""
    return F.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2, groups=lanes)


def lane_convolve(
    x: Tensor, weight: Tensor, lanes: int, stride: int = 1, tiles: Tiles | None = None
) -> Tensor:
    """Convolve each lane with its own k x k kernels, padded by k // 2; see `suits`.

    x: (batch, lanes * inputs, height, width), weight: (lanes * outputs, inputs, k, k), both in
    memory order channels_last. Differentiable by both. tiles: None for `own_tiles`.
    """
    missing = -weight.shape[1] % ALIGNED  # an image's channels are padded with zeros
    if missing:
        x, weight = widen(x, lanes, missing), widen(weight, 1, missing)
    shape = Shape.of(x, weight, lanes, stride)
    return _LaneConvolution.apply(x, weight, shape, tiles or own_tiles(shape))


def suits(x: Tensor, weight: Tensor, lanes: int, stride: int = 1) -> bool:
    """Do the kernels know this convolution, its dtype and the GPU?"""
    if x.is_cuda and torch.cuda.get_device_capability(x.device) < HOPPER:
        return False
    outputs, _, size, _ = weight.shape
    height, width = x.shape[2:]
    whole = (outputs // lanes) % ALIGNED == 0
    sides = all(_is_power_of_2(n) and n >= 2 * stride for n in (height, width))
    known = size in (1, 3) and stride in (1, 2) and sides and width <= stride * MOST_COLUMNS
    return whole and known and x.dtype == weight.dtype == torch.bfloat16


def widen(maps: Tensor, groups: int, missing: int) -> Tensor:
    """Append `missing` zero channels to each group, in memory order channels_last."""
    rows = maps.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
    return F.pad(rows, (0, missing)).flatten(3).permute(0, 3, 1, 2)


class _LaneConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, shape, tiles):
        x = x.contiguous(memory_format=torch.channels_last)
        ctx.save_for_backward(x, weight)
        ctx.shape, ctx.tiles = shape, tiles
        return forward(x, weight, shape, tiles.forward)

    @staticmethod
    def backward(ctx, dy):
        (x, weight), shape, tiles = ctx.saved_tensors, ctx.shape, ctx.tiles
        dy = dy.contiguous(memory_format=torch.channels_last)
        dx = dw = None
        if ctx.needs_input_grad[0]:
            dx = gradient_by_input(dy, weight, shape, tiles.by_input)
        if ctx.needs_input_grad[1]:
            dw = gradient_by_weight(x, dy, shape, weight.dtype, tiles.by_weight)
        return dx, dw, None, None


def _is_power_of_2(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0
