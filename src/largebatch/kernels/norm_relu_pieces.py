"""What the kernels of `norm_relu` share: places in (rows, channels), and normalisation.

Arithmetic is float32, whatever the dtype of the feature maps. ``scale`` is 1 / sqrt(var + epsilon).
"""

import triton
import triton.language as tl

UNROLLED = tl.constexpr(4)  # tiles of a loop that are loaded at the same time


@triton.jit
def start(tiles, ROWS: tl.constexpr, CHANNELS: tl.constexpr):
    """A program's channels, and the first row of its `tiles` tiles of ROWS rows."""
    first = tl.program_id(0) * tiles * ROWS
    return first, tl.program_id(1) * CHANNELS + tl.arange(0, CHANNELS)


@triton.jit
def tile_at(first, rows, channel, channels, ROWS: tl.constexpr):
    """Where ROWS rows from `first` on are, and which of their numbers exist."""
    row = first + tl.arange(0, ROWS)
    inside = (row < rows)[:, None] & (channel < channels)[None, :]
    return row.to(tl.int64)[:, None] * channels + channel[None, :], inside


@triton.jit
def all_parts(part, parts, channel, channels):
    """Where the numbers of each part and channel are, and which of them exist."""
    inside = (part < parts)[:, None] & (channel < channels)[None, :]
    return part[:, None] * channels + channel[None, :], inside


@triton.jit
def layer_of(mean, scale, gamma, beta, channel, channels):
    """Load mean, scale, gamma and beta of a program's channels, once."""
    known = channel < channels
    return (
        tl.load(mean + channel, mask=known, other=0.0),
        tl.load(scale + channel, mask=known, other=0.0),
        tl.load(gamma + channel, mask=known, other=0.0),
        tl.load(beta + channel, mask=known, other=0.0),
    )


@triton.jit
def normalised(x, at, inside, layer):
    """x with mean 0 and deviation 1, and that times gamma plus beta."""
    mean, scale, gamma, beta = layer
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    normal = (value - mean[None, :]) * scale[None, :]
    return normal, normal * gamma[None, :] + beta[None, :]
