"""Batch normalisation and ReLU as one operation, forward and backward.

Most of the bytes that a wide ResNet moves, it moves here. PyTorch moves a feature map 5 times
forward and 8 times backward (batch norm and ReLU each on their own); these kernels move it 3 times
(statistics; normalise, ReLU) and 5 times. The ReLU's mask is recomputed from x. The sum with a
shortcut before it, and that of gradients after it, are part of the same passes.

Reductions go over a fixed division of the rows, in a fixed order and without atomics, so the same
numbers give the same bits.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from largebatch.kernels.norm_relu_backward import apply_backward, combine_sums, partial_sums
from largebatch.kernels.norm_relu_forward import (
    apply_forward,
    combine_statistics,
    partial_statistics,
)
from largebatch.kernels.norm_relu_tiles import STATISTICS, SUMS, Application, Reduction


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

    The running `mean` and `var` change in place. x, shortcut (None for 0): (batch, channels,
    height, width) in memory order channels_last, float32 or bfloat16; all else (channels,) float32.
    Channels are those of `lanes` lanes, one after the other, each with the bits it has alone.
    Differentiable by x, shortcut, gamma and beta. The sum is returned for its other uses, whose
    gradient comes back here.
    """
    return _NormRelu.apply(x, shortcut, gamma, beta, mean, var, momentum, epsilon, lanes)


class _NormRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, shortcut, gamma, beta, mean, var, momentum, epsilon, lanes):
        added = shortcut is not None
        x = x.contiguous(memory_format=torch.channels_last)
        both = torch.empty_like(x) if added else x
        if added:
            shortcut = shortcut.contiguous(memory_format=torch.channels_last)
        own_mean, scale = torch.empty_like(gamma), torch.empty_like(gamma)
        over = Reduction(x, lanes, STATISTICS)
        parts = over.partials(gamma)
        partial_statistics[over.grid](
            x, shortcut if added else x, both, *parts, *over.sizes, added, **over.tile
        )
        combine_statistics[over.combination](
            *(*parts, own_mean, scale, mean, var, momentum, epsilon, over.rows, over.channels),
            *(over.rows_a_part, over.parts),
            **over.combined,
        )
        y, each = torch.empty_like(both), Application(x, lanes)
        apply_forward[each.grid](both, own_mean, scale, gamma, beta, y, *each.sizes, **each.tile)
        ctx.save_for_backward(both, own_mean, scale, gamma, beta)
        ctx.set_materialize_grads(False)
        ctx.added, ctx.lanes = added, lanes
        return y, both

    @staticmethod
    def backward(ctx, dy, beside):
        x, mean, scale, gamma, beta = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        over, of_layer = Reduction(x, ctx.lanes, SUMS), (mean, scale, gamma, beta)
        parts = over.partials(gamma)
        partial_sums[over.grid](x, dy, *of_layer, *parts, *over.sizes, **over.tile)
        dgamma, dbeta = torch.empty_like(gamma), torch.empty_like(beta)
        combine_sums[over.combination](
            *parts, dgamma, dbeta, over.channels, over.parts, **over.combined
        )
        dx, added, each = torch.empty_like(x), beside is not None, Application(x, ctx.lanes)
        if added:
            beside = beside.contiguous(memory_format=torch.channels_last)
        apply_backward[each.grid](
            *(x, dy, *of_layer, dgamma, dbeta, beside if added else dy, dx),
            *(*each.sizes, added),
            **each.tile,
        )
        return dx, dx if ctx.added else None, dgamma, dbeta, *[None] * 5
