"""The forward kernels of `norm_relu`: statistics of parts of the rows, of all rows, the result.

x, shortcut, both and y are (rows, channels), row by row in memory; other names are as in
`norm_relu`.
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
def partial_statistics(
    x, shortcut, both, means, squares, rows, channels, tiles,
    ADDED: tl.constexpr, ROWS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    """The mean and sum of squared deviations of each part of the rows: (parts, channels).

    ADDED: those of x + shortcut, which is written to ``both``. Deviations are taken from the part's
    first row, which is near enough to the mean not to cancel, and added up element by element; only
    the last step is a reduction across threads.
    """
    first, channel = start(tiles, ROWS, CHANNELS)
    known = channel < channels
    near = _sum(x, shortcut, first.to(tl.int64) * channels + channel, known, ADDED)
    near = near.to(tl.float32)
    total = tl.zeros([ROWS, CHANNELS], tl.float32)
    square = tl.zeros([ROWS, CHANNELS], tl.float32)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = tile_at(first + tile * ROWS, rows, channel, channels, ROWS)
        value = _sum(x, shortcut, at, inside, ADDED)
        if ADDED:
            tl.store(both + at, value, mask=inside)
        away = tl.where(inside, value.to(tl.float32) - near[None, :], 0.0)
        total += away
        square += away * away
    count = tl.minimum(rows - first, tiles * ROWS).to(tl.float32)
    away = tl.sum(total, 0)
    at = tl.program_id(0) * channels + channel
    tl.store(means + at, near + away / count, mask=known)
    tl.store(squares + at, tl.sum(square, 0) - away * away / count, mask=known)


@triton.jit
def combine_statistics(
    means, squares, mean_out, scale_out, running_mean, running_var, momentum, epsilon,
    rows, channels, rows_a_part, parts, PARTS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    """Statistics of all rows from the parts' (Chan's formula); updates the running ones, too."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    known = channel < channels
    part = tl.arange(0, PARTS)
    at, inside = all_parts(part, parts, channel, channels)
    count = tl.minimum(tl.maximum(rows - part * rows_a_part, 0), rows_a_part).to(tl.float32)
    part_mean = tl.load(means + at, mask=inside, other=0.0)
    mean = tl.sum(part_mean * count[:, None], 0) / rows
    apart = part_mean - mean[None, :]
    square = tl.load(squares + at, mask=inside, other=0.0) + apart * apart * count[:, None]
    var = tl.sum(square, 0) / rows
    tl.store(mean_out + channel, mean, mask=known)
    tl.store(scale_out + channel, 1.0 / tl.sqrt(var + epsilon), mask=known)
    old_mean = tl.load(running_mean + channel, mask=known)
    old_var = tl.load(running_var + channel, mask=known)
    unbiased = var * (rows / tl.maximum(rows - 1.0, 1.0))
    tl.store(running_mean + channel, old_mean + momentum * (mean - old_mean), mask=known)
    tl.store(running_var + channel, old_var + momentum * (unbiased - old_var), mask=known)


@triton.jit
def apply_forward(
    x, mean, scale, gamma, beta, y, rows, channels, tiles,
    ROWS: tl.constexpr, CHANNELS: tl.constexpr,
):  # fmt: skip
    """y = ReLU(gamma (x - mean) scale + beta)."""
    first, channel = start(tiles, ROWS, CHANNELS)
    layer = layer_of(mean, scale, gamma, beta, channel, channels)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = tile_at(first + tile * ROWS, rows, channel, channels, ROWS)
        _, active = normalised(x, at, inside, layer)
        tl.store(y + at, tl.maximum(active, 0.0), mask=inside)


@triton.jit
def _sum(x, shortcut, at, inside, ADDED: tl.constexpr):
    """x, or x + shortcut rounded to their dtype."""
    value = tl.load(x + at, mask=inside, other=0.0)
    if ADDED:
        other = tl.load(shortcut + at, mask=inside, other=0.0)
        value = (value.to(tl.float32) + other.to(tl.float32)).to(value.dtype)
    return value
