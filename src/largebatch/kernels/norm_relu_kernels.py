"""The kernels of `norm_relu`: x, y and their gradients are (rows, channels), row by row in memory.

Arithmetic is float32, whatever the feature maps are held in. ``scale`` is 1 / sqrt(var + epsilon).
"""

import triton
import triton.language as tl


@triton.jit
def partial_statistics(
    x, means, squares, rows, channels, tiles, ROWS: tl.constexpr, CHANNELS: tl.constexpr
):
    """Of each part of the rows its mean and its sum of squared deviations, by Chan's formula."""
    part = tl.program_id(0)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    mean = tl.zeros([CHANNELS], tl.float32)
    square = tl.zeros([CHANNELS], tl.float32)
    before = 0.0
    for tile in range(tiles):
        row = (part * tiles + tile) * ROWS + tl.arange(0, ROWS)
        inside = (row < rows)[:, None] & (channel < channels)[None, :]
        at = row.to(tl.int64)[:, None] * channels + channel[None, :]
        value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
        count = tl.sum((row < rows).to(tl.float32), 0)
        tile_mean = tl.sum(value, 0) / tl.maximum(count, 1.0)
        away = tl.where(inside, value - tile_mean[None, :], 0.0)
        total = tl.maximum(before + count, 1.0)
        apart = tile_mean - mean
        square += tl.sum(away * away, 0) + apart * apart * (before * count / total)
        mean += apart * (count / total)
        before += count
    at = part * channels + channel
    tl.store(means + at, mean, mask=channel < channels)
    tl.store(squares + at, square, mask=channel < channels)


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
    tiles,
    PARTS: tl.constexpr,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """Statistics of all rows from those of the parts; the running ones take a step."""
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    inside = channel < channels
    mean = tl.zeros([CHANNELS], tl.float32)
    square = tl.zeros([CHANNELS], tl.float32)
    before = 0.0
    for part in range(PARTS):
        count = tl.minimum(rows - part * tiles * ROWS, tiles * ROWS).to(tl.float32)
        part_mean = tl.load(means + part * channels + channel, mask=inside, other=0.0)
        total = before + count
        apart = part_mean - mean
        square += tl.load(squares + part * channels + channel, mask=inside, other=0.0)
        square += apart * apart * (before * count / total)
        mean += apart * (count / total)
        before = total
    tl.store(mean_out + channel, mean, mask=inside)
    tl.store(scale_out + channel, 1.0 / tl.sqrt(square / before + epsilon), mask=inside)
    old_mean = tl.load(running_mean + channel, mask=inside)
    old_var = tl.load(running_var + channel, mask=inside)
    unbiased = square / tl.maximum(before - 1.0, 1.0)
    tl.store(running_mean + channel, old_mean + momentum * (mean - old_mean), mask=inside)
    tl.store(running_var + channel, old_var + momentum * (unbiased - old_var), mask=inside)


@triton.jit
def apply_forward(
    x, mean, scale, gamma, beta, y, rows, channels, ROWS: tl.constexpr, CHANNELS: tl.constexpr
):
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    inside = (row < rows)[:, None] & (channel < channels)[None, :]
    at = row.to(tl.int64)[:, None] * channels + channel[None, :]
    normal = _normal(x, at, inside, mean, scale, channel, channels)
    active = _affine(normal, gamma, beta, channel, channels)
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
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    dgamma = tl.zeros([CHANNELS], tl.float32)
    dbeta = tl.zeros([CHANNELS], tl.float32)
    for tile in range(tiles):
        row = (part * tiles + tile) * ROWS + tl.arange(0, ROWS)
        inside = (row < rows)[:, None] & (channel < channels)[None, :]
        at = row.to(tl.int64)[:, None] * channels + channel[None, :]
        normal = _normal(x, at, inside, mean, scale, channel, channels)
        active = _affine(normal, gamma, beta, channel, channels)
        gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
        gradient = tl.where(active > 0, gradient, 0.0)
        dgamma += tl.sum(gradient * normal, 0)
        dbeta += tl.sum(gradient, 0)
    at = part * channels + channel
    tl.store(gammas + at, dgamma, mask=channel < channels)
    tl.store(betas + at, dbeta, mask=channel < channels)


@triton.jit
def combine_sums(
    gammas, betas, dgamma, dbeta, channels, PARTS: tl.constexpr, CHANNELS: tl.constexpr
):
    channel = tl.program_id(0) * CHANNELS + tl.arange(0, CHANNELS)
    inside = channel < channels
    of_gamma = tl.zeros([CHANNELS], tl.float32)
    of_beta = tl.zeros([CHANNELS], tl.float32)
    for part in range(PARTS):
        of_gamma += tl.load(gammas + part * channels + channel, mask=inside, other=0.0)
        of_beta += tl.load(betas + part * channels + channel, mask=inside, other=0.0)
    tl.store(dgamma + channel, of_gamma, mask=inside)
    tl.store(dbeta + channel, of_beta, mask=inside)


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
    dx,
    rows,
    channels,
    ROWS: tl.constexpr,
    CHANNELS: tl.constexpr,
):
    """dx = gamma scale (g - mean of g - normal x mean of g normal), g = dy where y > 0."""
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    channel = tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)
    known = channel < channels
    inside = (row < rows)[:, None] & known[None, :]
    at = row.to(tl.int64)[:, None] * channels + channel[None, :]
    normal = _normal(x, at, inside, mean, scale, channel, channels)
    active = _affine(normal, gamma, beta, channel, channels)
    gradient = tl.load(dy + at, mask=inside, other=0.0).to(tl.float32)
    gradient = tl.where(active > 0, gradient, 0.0)
    slope = tl.load(gamma + channel, mask=known) * tl.load(scale + channel, mask=known)
    shift = tl.load(dbeta + channel, mask=known) / rows
    tilt = tl.load(dgamma + channel, mask=known) / rows
    change = slope[None, :] * (gradient - shift[None, :] - normal * tilt[None, :])
    tl.store(dx + at, change, mask=inside)


@triton.jit
def _normal(x, at, inside, mean, scale, channel, channels):
    """x with mean 0 and deviation 1."""
    known = channel < channels
    centre = tl.load(mean + channel, mask=known, other=0.0)
    width = tl.load(scale + channel, mask=known, other=0.0)
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    return (value - centre[None, :]) * width[None, :]


@triton.jit
def _affine(normal, gamma, beta, channel, channels):
    known = channel < channels
    slope = tl.load(gamma + channel, mask=known, other=0.0)
    shift = tl.load(beta + channel, mask=known, other=0.0)
    return normal * slope[None, :] + shift[None, :]
