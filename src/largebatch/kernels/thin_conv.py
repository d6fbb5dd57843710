"""A convolution of few input channels on a GPU: forward by cuDNN, gradients by our kernels.

Where one side has 3 or 16 channels (the first two layers of a wide ResNet), cuDNN's deterministic
algorithms for the gradients are slow: on an H200, batch 1024, bf16, 1.07 of 10.6 ms of a step of
WRN-16-4 went to four such calls, whose bytes take some 0.15 ms. Sums go over a fixed division of
the pixels, in a fixed order and without atomics, so the same numbers give the same bits.
"""

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from torch import Tensor

from largebatch.kernels.thin_conv_kernels import by_input, combine_parts, partial_by_weight

MOST_CHANNELS = 16  # of the input: what a matrix unit takes at a time
PIXELS = 128  # of a tile
PARTS = 256  # divisions of the pixels; about two for each multiprocessor
COMBINED = 16  # numbers that a program puts together from all parts
ALIGNED = 8  # channels: 16 bytes


def suits(x: Tensor, weight: Tensor, stride: int) -> bool:
    """Is it such a convolution, and its arithmetic what the kernels do?"""
    outputs, channels, size, _ = weight.shape
    thin = channels <= MOST_CHANNELS and outputs <= 128 and size in (1, 3)
    return thin and stride == 1 and x.dtype == weight.dtype == torch.bfloat16


def thin_convolve(x: Tensor, weight: Tensor) -> Tensor:
    """As `F.conv2d(x, weight, padding=size // 2)`, see `suits`.

    x: (batch, channels, height, width), weight: (outputs, channels, size, size), both in memory
    order channels_last. Differentiable by both.
    """
    return _ThinConvolution.apply(x, weight)


class _ThinConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        missing = -x.shape[1] % ALIGNED  # black channels, as tensor cores want eight
        if missing:
            x, weight = (F.pad(t, (0, 0, 0, 0, 0, missing)) for t in (x, weight))
        return F.conv2d(x, weight, padding=weight.shape[2] // 2)

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        dy, x = (t.contiguous(memory_format=torch.channels_last) for t in (dy, x))
        dx = gradient_by_input(dy, weight) if ctx.needs_input_grad[0] else None
        return dx, gradient_by_weight(x, dy, weight)


def gradient_by_input(dy: Tensor, weight: Tensor) -> Tensor:
    """(batch, channels, height, width) from dy (batch, outputs, height, width)."""
    (batch, outputs, height, width), (_, channels, size, _) = dy.shape, weight.shape
    dx = torch.empty_like(dy[:, :channels], memory_format=torch.channels_last)
    pixels = batch * height * width
    by_input[(triton.cdiv(pixels, PIXELS),)](
        *(dy, weight.permute(0, 2, 3, 1).contiguous(), dx, pixels, height, width),
        *(channels, outputs, size, PIXELS, MOST_CHANNELS, _tensor_core(outputs), _compute(dy)),
    )
    return dx


def gradient_by_weight(x: Tensor, dy: Tensor, weight: Tensor) -> Tensor:
    """(outputs, channels, size, size), of the minibatch."""
    (batch, channels, height, width), (outputs, _, size, _) = x.shape, weight.shape
    pixels = batch * height * width
    tiles = triton.cdiv(pixels, PIXELS)
    tiles_a_part = triton.cdiv(tiles, PARTS)
    parts, wide = triton.cdiv(tiles, tiles_a_part), _tensor_core(outputs)
    sums = x.new_empty(parts, size, size, MOST_CHANNELS, wide, dtype=torch.float32)
    partial_by_weight[parts, size](
        *(x, dy, sums, pixels, height, width, tiles_a_part),
        *(channels, outputs, size, PIXELS, MOST_CHANNELS, wide, _compute(dy)),
    )
    dw = x.new_empty(outputs, size, size, channels)
    numbers = sums[0].numel()
    combine_parts[(triton.cdiv(numbers, COMBINED),)](
        *(sums, dw, parts, numbers, channels, outputs, size * size),
        *(MOST_CHANNELS, wide, triton.next_power_of_2(parts), COMBINED),
        num_warps=8,
    )
    return dw.permute(0, 3, 1, 2)


def _tensor_core(outputs: int) -> int:
    return max(16, triton.next_power_of_2(outputs))


def _compute(dy: Tensor) -> tl.dtype:
    return tl.bfloat16 if dy.is_cuda else tl.float32
