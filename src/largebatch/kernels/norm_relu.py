"""Batch normalisation and ReLU as one operation, forward and backward.

A wide ResNet moves more bytes than it multiplies, most of them here. PyTorch reads and writes a
feature map 5 times forward and 8 times backward (batch norm and ReLU each on their own); these
kernels 3 times (statistics; normalise, ReLU) and 5 times. The ReLU's mask is computed again from x.
The sum with a shortcut before it, and of the gradients after it, are part of the same passes.

Reductions go over a fixed division of the rows, in a fixed order and without atomics, so the same
numbers give the same bits.
"""

import torch
import torch.nn.functional as F
import triton
from torch import Tensor

from largebatch.kernels.norm_relu_kernels import (
    apply_backward,
    apply_forward,
    combine_statistics,
    combine_sums,
    partial_statistics,
    partial_sums,
)

TILE, CHANNELS = 2048, 64  # numbers of a tile, and channels at most
MOST_TILES = 8  # a program normalises
PARTS = 1024  # divisions of the rows in a reduction at most; about eight for each multiprocessor
LEAST = 4  # tiles of such a division, where there are as many
COMBINED = 8  # channels a program puts together from all parts
WARPS = 4


def norm_relu_plain(
    x: Tensor,
    shortcut: Tensor | None,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    var: Tensor,
    momentum: float,
    epsilon: float,
    lanes: int = 1,
) -> tuple[Tensor, Tensor]:
    """The twin of `norm_relu`."""
    both = x if shortcut is None else x + shortcut
    return F.batch_norm(both, mean, var, gamma, beta, True, momentum, epsilon).relu_(), both


def norm_relu(
    x: Tensor,
    shortcut: Tensor | None,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    var: Tensor,
    momentum: float,
    epsilon: float,
    lanes: int = 1,
) -> tuple[Tensor, Tensor]:
    """ReLU(BN(x + shortcut)) by the minibatch's statistics, and x + shortcut.

    The running `mean` and `var` change in place. x, shortcut (None is 0): (batch, channels, height,
    width) in memory order channels_last, float32 or bfloat16; all else (channels,) float32.
    Channels are those of `lanes` lanes, one after the other, each with the bits it has alone.
    Differentiable by x, shortcut, gamma, beta; the sum is returned for what else is done with it,
    whose gradient comes back here.
    """
    return _NormRelu.apply(x, shortcut, gamma, beta, mean, var, momentum, epsilon, lanes)


class _NormRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, shortcut, gamma, beta, mean, var, momentum, epsilon, lanes):
        added = shortcut is not None
        x = x.contiguous(memory_format=torch.channels_last)
        shape = _Shape(x, lanes)
        both = torch.empty_like(x) if added else x
        if added:
            shortcut = shortcut.contiguous(memory_format=torch.channels_last)
        own_mean, scale = torch.empty_like(gamma), torch.empty_like(gamma)
        parts = shape.partials(gamma)
        partial_statistics[shape.reduction](
            x, shortcut if added else x, both, *parts, *shape.sizes, added, **shape.tile
        )
        combine_statistics[shape.combination](
            *(*parts, own_mean, scale, mean, var, momentum, epsilon, shape.rows, shape.channels),
            *(shape.tiles_a_part * shape.tile["ROWS"], shape.parts),
            **shape.combined,
        )
        y = torch.empty_like(both)
        apply_forward[shape.each](
            both, own_mean, scale, gamma, beta, y, *shape.application, **shape.tile
        )
        ctx.save_for_backward(both, own_mean, scale, gamma, beta)
        ctx.set_materialize_grads(False)
        ctx.added, ctx.shape = added, shape
        return y, both

    @staticmethod
    def backward(ctx, dy, beside):
        x, mean, scale, gamma, beta = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        shape = ctx.shape
        parts = shape.partials(gamma)
        of_layer = mean, scale, gamma, beta
        partial_sums[shape.reduction](x, dy, *of_layer, *parts, *shape.sizes, **shape.tile)
        dgamma, dbeta = torch.empty_like(gamma), torch.empty_like(beta)
        combine_sums[shape.combination](
            *parts, dgamma, dbeta, shape.channels, shape.parts, **shape.combined
        )
        dx, added = torch.empty_like(x), beside is not None
        if added:
            beside = beside.contiguous(memory_format=torch.channels_last)
        apply_backward[shape.each](
            *(x, dy, *of_layer, dgamma, dbeta, beside if added else dy, dx),
            *(*shape.application, added),
            **shape.tile,
        )
        return dx, dx if ctx.added else None, dgamma, dbeta, None, None, None, None, None


class _Shape:
    """How (rows, channels) are divided among programs, by the channels of one lane."""

    def __init__(self, x: Tensor, lanes: int):
        self.channels = x.shape[1]
        self.rows = x.numel() // self.channels
        channels = min(CHANNELS, triton.next_power_of_2(self.channels // lanes))
        rows = TILE // channels
        self.tile = {"ROWS": rows, "CHANNELS": channels, "num_warps": WARPS}
        tiles = triton.cdiv(self.rows, rows)
        self.tiles_a_part = max(triton.cdiv(tiles, PARTS), min(LEAST, tiles))
        self.parts = triton.cdiv(tiles, self.tiles_a_part)
        blocks = triton.cdiv(self.channels, channels)
        self.sizes = self.rows, self.channels, self.tiles_a_part
        self.reduction = self.parts, blocks
        tiles_a_program = max(1, min(MOST_TILES, tiles // PARTS))
        self.application = self.rows, self.channels, tiles_a_program
        self.each = triton.cdiv(tiles, tiles_a_program), blocks
        parts = triton.next_power_of_2(self.parts)
        self.combined = {"PARTS": parts, "CHANNELS": COMBINED, "num_warps": 8}
        self.combination = (triton.cdiv(self.channels, COMBINED),)

    def partials(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Memory for two numbers of each part and channel, (2, parts, channels)."""
        return tuple(like.new_empty(2, self.parts, self.channels))
