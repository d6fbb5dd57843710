"""The kernels of `norm_relu`: x, y and their gradients are (rows, channels), row by row in memory.

Arithmetic is float32, whatever the feature maps are held in. ``scale`` is 1 / sqrt(var + epsilon).
"""

import triton
import triton.language as tl

UNROLLED = tl.constexpr(4)  # tiles of a loop whose loads are under way at the same time


@triton.jit
def partial_statistics(
    x,
    shortcut,
    both,
    means,
    squares,
    rows,
    channels,
    tiles,
    ADDED: tl.constexpr,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Of each part of the rows its mean and its sum of squared deviations.

    ADDED: of x + shortcut, which goes to ``both``. Deviations from the part's first row, which is
    near enough to the mean not to cancel, are added up element by element; only the end is a
    reduction across threads.
    """
    part = tl.program_id(0)
    first = part * tiles * ROWS
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    known = channel < channels
    near = _sum(x, shortcut, first.to(tl.int64) * channels + channel, known, ADDED)
    near = near.to(tl.float32)
    total = tl.zeros([ROWS, CHANNELS], tl.float32)
    square = tl.zeros([ROWS, CHANNELS], tl.float32)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = _tile(first + tile * ROWS, rows, channel, channels, ROWS)
        value = _sum(x, shortcut, at, inside, ADDED)
        if ADDED:
            tl.store(both + at, value, mask=inside)
        away = tl.where(inside, value.to(tl.float32) - near[None, :], 0.0)
        total += away
        square += away * away
    count = tl.minimum(rows - first, tiles * ROWS).to(tl.float32)
    away = tl.sum(total, 0)
    at = part * channels + channel
    tl.store(means + at, near + away / count, mask=known)
    tl.store(squares + at, tl.sum(square, 0) - away * away / count, mask=known)


@triton.jit
def combine_statistics(
    means,
    squares,
    mean_out,
    scale_out,
    running_mean,
    running_var,
    momentum,
    epsilon,
    rows,
    channels,
    rows_a_part,
    parts,
    PARTS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Statistics of all rows from those of the parts (Chan's formula); the running ones step."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    known = channel < channels
    part = tl.arange(0, PARTS)
    at, inside = _all_parts(part, parts, channel, channels)
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
    x,
    mean,
    scale,
    gamma,
    beta,
    y,
    rows,
    channels,
    tiles,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    first = tl.program_id(0) * tiles * ROWS
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    layer = _layer(mean, scale, gamma, beta, channel, channels)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = _tile(first + tile * ROWS, rows, channel, channels, ROWS)
        _, active = _normal(x, at, inside, layer)
        tl.store(y + at, tl.maximum(active, 0.0), mask=inside)


@triton.jit
def partial_sums(
    x,
    dy,
    mean,
    scale,
    gamma,
    beta,
    gammas,
    betas,
    rows,
    channels,
    tiles,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Gradients of gamma and beta over each part of the rows."""
    part = tl.program_id(0)
    first = part * tiles * ROWS
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    layer = _layer(mean, scale, gamma, beta, channel, channels)
    dgamma = tl.zeros([ROWS, CHANNELS], tl.float32)
    dbeta = tl.zeros([ROWS, CHANNELS], tl.float32)
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = _tile(first + tile * ROWS, rows, channel, channels, ROWS)
        normal, active = _normal(x, at, inside, layer)
        gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        gradient = tl.where(active > 0, gradient, 0.0)
        dgamma += gradient * normal
        dbeta += gradient
    at = part * channels + channel
    tl.store(gammas + at, tl.sum(dgamma, 0), mask=channel < channels)
    tl.store(betas + at, tl.sum(dbeta, 0), mask=channel < channels)


@triton.jit
def combine_sums(
    gammas, betas, dgamma, dbeta, channels, parts, PARTS: tl.constexpr, CHANNELS: tl.constexpr
):
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    at, inside = _all_parts(tl.arange(0, PARTS), parts, channel, channels)
    of_gamma = tl.sum(tl.load(gammas + at, mask=inside, other=0.0), 0)
    of_beta = tl.sum(tl.load(betas + at, mask=inside, other=0.0), 0)
    tl.store(dgamma + channel, of_gamma, mask=channel < channels)
    tl.store(dbeta + channel, of_beta, mask=channel < channels)


@triton.jit
def apply_backward(
    x,
    dy,
    mean,
    scale,
    gamma,
    beta,
    dgamma,
    dbeta,
    beside,
    dx,
    rows,
    channels,
    tiles,
    ADDED: tl.constexpr,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """dx = gamma scale (g - mean of g - normal x mean of g normal), g = dy where y > 0.

    ADDED: and to that ``beside``, the gradient that reaches x another way.
    """
    first = tl.program_id(0) * tiles * ROWS
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    known = channel < channels
    layer = _layer(mean, scale, gamma, beta, channel, channels)
    slope = layer[1] * layer[2]
    shift = tl.load(dbeta + channel, mask=known, other=0.0) / rows
    tilt = tl.load(dgamma + channel, mask=known, other=0.0) / rows
    for tile in tl.range(0, tiles, loop_unroll_factor=UNROLLED):
        at, inside = _tile(first + tile * ROWS, rows, channel, channels, ROWS)
        normal, active = _normal(x, at, inside, layer)
        gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        gradient = tl.where(active > 0, gradient, 0.0)
        change = slope[None, :] * (gradient - shift[None, :] - normal * tilt[None, :])
        if ADDED:
            change += tl.load(beside + at, mask=inside, other=0.0).to(tl.float32)
        tl.store(dx + at, change, mask=inside)


@triton.jit
def _sum(x, shortcut, at, inside, ADDED: tl.constexpr):
    """x, or x + shortcut, rounded to what both are held in."""
    value = tl.load(x + at, mask=inside, other=0.0)
    if ADDED:
        other = tl.load(shortcut + at, mask=inside, other=0.0)
        value = (value.to(tl.float32) + other.to(tl.float32)).to(value.dtype)
    return value


@triton.jit
def _tile(first, rows, channel, channels, ROWS: tl.constexpr):
    """Where ROWS rows from `first` on stand, and which numbers there are."""
    row = first + tl.arange(0, ROWS)
    inside = (row < rows)[:, None] & (channel < channels)[None, :]
    return row.to(tl.int64)[:, None] * channels + channel[None, :], inside


@triton.jit
def _layer(mean, scale, gamma, beta, channel, channels):
    """A program's channels of them, read once."""
    known = channel < channels
    return (
        tl.load(mean + channel, mask=known, other=0.0),
        tl.load(scale + channel, mask=known, other=0.0),
        tl.load(gamma + channel, mask=known, other=0.0),
        tl.load(beta + channel, mask=known, other=0.0),
    )


@triton.jit
def _normal(x, at, inside, layer):
    """x with mean 0 and deviation 1, and that times gamma plus beta."""
    mean, scale, gamma, beta = layer
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    normal = (value - mean[None, :]) * scale[None, :]
    return normal, normal * gamma[None, :] + beta[None, :]


@triton.jit
def _all_parts(part, parts, channel, channels):
    """Where the numbers of each part and channel stand."""
    inside = (part < parts)[:, None] & (channel < channels)[None, :]
    return part[:, None] * channels + channel[None, :], inside
