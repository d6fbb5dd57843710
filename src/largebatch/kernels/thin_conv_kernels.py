"""The kernels of `thin_conv`. x, dy: (pixels, channels) row by row, pixels of all images one after
another; CHANNELS and OUTPUTS are powers of two with at least `channels` and `outputs`. COMPUTE is
what is multiplied: bfloat16, and float32 in Triton's interpreter, which does not know the other."""

import triton
import triton.language as tl


@triton.jit
def by_input(
    dy,
    weight,
    dx,
    pixels,
    height,
    width,
    channels: tl.constexpr,
    outputs: tl.constexpr,
    SIZE: tl.constexpr,
    PIXELS: tl.constexpr,
    CHANNELS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """dx[p, c] = the sum over taps and outputs of dy[p - tap, o] weight[o, tap, c]."""
    pixel = tl.program_id(0) * PIXELS + tl.arange(0, PIXELS)
    channel, output = tl.arange(0, CHANNELS), tl.arange(0, OUTPUTS)
    known = (output < outputs)[:, None] & (channel < channels)[None, :]
    total = tl.zeros([PIXELS, CHANNELS], tl.float32)
    for tap in range(SIZE * SIZE):
        down, right = tap // SIZE - SIZE // 2, tap % SIZE - SIZE // 2
        there = _shifted(dy, pixel, -down, -right, pixels, height, width, output, outputs)
        at = output[:, None] * (SIZE * SIZE * channels) + tap * channels + channel[None, :]
        of_tap = tl.load(weight + at, mask=known, other=0.0)
        total = tl.dot(there.to(COMPUTE), of_tap.to(COMPUTE), total)
    inside = (pixel < pixels)[:, None] & (channel < channels)[None, :]
    at = pixel.to(tl.int64)[:, None] * channels + channel[None, :]
    tl.store(dx + at, total, mask=inside)


@triton.jit
def partial_by_weight(
    x,
    dy,
    sums,
    pixels,
    height,
    width,
    tiles,
    channels: tl.constexpr,
    outputs: tl.constexpr,
    SIZE: tl.constexpr,
    PIXELS: tl.constexpr,
    CHANNELS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """One part of the pixels, one row of taps: sums (parts, SIZE, SIZE, CHANNELS, OUTPUTS)."""
    part, row = tl.program_id(0), tl.program_id(1)
    channel, output = tl.arange(0, CHANNELS), tl.arange(0, OUTPUTS)
    left = tl.zeros([CHANNELS, OUTPUTS], tl.float32)
    middle = tl.zeros([CHANNELS, OUTPUTS], tl.float32)
    right = tl.zeros([CHANNELS, OUTPUTS], tl.float32)
    down = row - SIZE // 2
    for tile in range(tiles):
        pixel = (part * tiles + tile) * PIXELS + tl.arange(0, PIXELS)
        of_y = _shifted(dy, pixel, 0, 0, pixels, height, width, output, outputs).to(COMPUTE)
        of_x = _shifted(x, pixel, down, 0, pixels, height, width, channel, channels)
        middle = tl.dot(tl.trans(of_x.to(COMPUTE)), of_y, middle)
        if SIZE == 3:
            of_x = _shifted(x, pixel, down, -1, pixels, height, width, channel, channels)
            left = tl.dot(tl.trans(of_x.to(COMPUTE)), of_y, left)
            of_x = _shifted(x, pixel, down, 1, pixels, height, width, channel, channels)
            right = tl.dot(tl.trans(of_x.to(COMPUTE)), of_y, right)
    at = channel[:, None] * OUTPUTS + output[None, :]
    first = sums + (part * SIZE + row).to(tl.int64) * (SIZE * CHANNELS * OUTPUTS)
    if SIZE == 3:
        tl.store(first + at, left)
        tl.store(first + CHANNELS * OUTPUTS + at, middle)
        tl.store(first + 2 * CHANNELS * OUTPUTS + at, right)
    else:
        tl.store(first + at, middle)


@triton.jit
def combine_parts(
    sums,
    dw,
    parts,
    numbers,
    channels,
    outputs,
    taps,
    CHANNELS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    PARTS: tl.constexpr,
    COMBINED: tl.constexpr,
):
    """From (parts, taps, CHANNELS, OUTPUTS) to (outputs, taps, channels)."""
    number = tl.program_id(0) * COMBINED + tl.arange(0, COMBINED)
    part = tl.arange(0, PARTS)
    inside = (part < parts)[:, None] & (number < numbers)[None, :]
    at = part.to(tl.int64)[:, None] * numbers + number[None, :]
    total = tl.sum(tl.load(sums + at, mask=inside, other=0.0), 0)
    output, channel = number % OUTPUTS, number // OUTPUTS % CHANNELS
    tap = number // (OUTPUTS * CHANNELS)
    known = (number < numbers) & (output < outputs) & (channel < channels)
    tl.store(dw + (output * taps + tap) * channels + channel, total, mask=known)


@triton.jit
def _shifted(maps, pixel, down, right, pixels, height, width, channel, channels):
    """(PIXELS, channels) of each pixel's neighbour; outside its image there are zeros."""
    row, column = pixel // width % height + down, pixel % width + right
    inside = (pixel < pixels) & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    at = (pixel + down * width + right).to(tl.int64)[:, None] * channels + channel[None, :]
    return tl.load(maps + at, mask=inside[:, None] & (channel < channels)[None, :], other=0.0)
