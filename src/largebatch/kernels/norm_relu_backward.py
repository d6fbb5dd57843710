"""The backward kernels of `norm_relu`: sums over parts of the rows, over all rows, the result.

x, dy, beside and dx are (rows, channels), row by row in memory; other names are as in `norm_relu`.
"""

import triton
import triton.language as tl

from largebatch.kernels.norm_relu_pieces import (
    UNROLLED,
    all_parts,
    layer_of,
    normalised,
    start,
    tile_at,
)


@triton.jit
def partial_sums(
    x, dy, mean, scale, gamma, beta, gammas, betas, rows, channels, tiles,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    """Gradients of gamma and beta over each part of the rows: (parts, channels)."""
    first, channel = start(tiles, ROWS, CHANNELS)
    layer = layer_of(mean, scale, gamma, beta, channel, channels)
    dgamma = tl.zeros([ROWS, CHANNELS], tl.float32)
    dbeta = tl.zeros([ROWS, CHANNELS], tl.float32)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = tile_at(first + tile * ROWS, rows, channel, channels, ROWS)
        normal, gradient = _behind_relu(x, dy, at, inside, layer)
        dgamma += gradient * normal
        dbeta += gradient
    at = tl.program_id(0) * channels + channel
    tl.store(gammas + at, tl.sum(dgamma, 0), mask=channel < channels)
    tl.store(betas + at, tl.sum(dbeta, 0), mask=channel < channels)


@triton.jit
def combine_sums(
    gammas, betas, dgamma, dbeta, channels, parts, PARTS: tl.constexpr, CHANNELS: tl.constexpr
):
    """Gradients of gamma and beta from those over the parts."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    at, inside = all_parts(tl.arange(0, PARTS), parts, channel, channels)
    of_gamma = tl.sum(tl.load(gammas + at, mask=inside, other=0.0), 0)
    of_beta = tl.sum(tl.load(betas + at, mask=inside, other=0.0), 0)
    tl.store(dgamma + channel, of_gamma, mask=channel < channels)
    tl.store(dbeta + channel, of_beta, mask=channel < channels)


@triton.jit
def apply_backward(
    x, dy, mean, scale, gamma, beta, dgamma, dbeta, beside, dx, rows, channels, tiles,
    ADDED: tl.constexpr, ROWS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    """dx = gamma scale (g - mean of g - normal x mean of g normal), g = dy where y > 0.

    ADDED: also add ``beside``, the gradient that reaches x another way.
    """
    first, channel = start(tiles, ROWS, CHANNELS)
    known = channel < channels
    layer = layer_of(mean, scale, gamma, beta, channel, channels)
    slope = layer[1] * layer[2]
    shift = tl.load(dbeta + channel, mask=known, other=0.0) / rows
    tilt = tl.load(dgamma + channel, mask=known, other=0.0) / rows
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = tile_at(first + tile * ROWS, rows, channel, channels, ROWS)
        normal, gradient = _behind_relu(x, dy, at, inside, layer)
        change = slope[None, :] * (gradient - shift[None, :] - normal * tilt[None, :])
        if ADDED:
            change += tl.load(beside + at, mask=inside, other=0.0).to(tl.float32)
        tl.store(dx + at, change, mask=inside)


@triton.jit
def _behind_relu(x, dy, at, inside, layer):
    """x with mean 0 and deviation 1, and the gradient of the ReLU's input: dy where y > 0."""
    normal, active = normalised(x, at, inside, layer)
    gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
    return normal, tl.where(active > 0, gradient, 0.0)
