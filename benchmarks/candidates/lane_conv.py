"""One convolution of all lanes at once, a candidate: in no model until a GPU has measured it.

Feature maps are those of `largebatch.models.lane_ops`: (batch, lanes * channels, height, width) in
memory order channels_last, so a lane is a slice of each pixel's channels. The lane is the outermost
dimension of a launch, and 8 lanes of batch 32 keep a GPU as busy as one of batch 256. cuDNN has no
such kernel: a lane's own convolution is too small to fill a GPU's end, and its grouped ones are
slow (docs/gpu.md).

Tiles and divisions follow from one lane's shape, sums have a fixed order and there are no atomics:
a lane's bits depend neither on its number nor on its company.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import NamedTuple

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from candidates import lane_conv_kernels as kernels
from candidates.lane_conv_bands import bands as bands_kernel

ALIGNED = 16  # channels: what a matrix unit takes at a time
MOST_COLUMNS = 32  # of an output: a tile of pixels has whole rows
PROGRAMS = 256  # of a lane that sum over pixels, at most; about two for each multiprocessor
BLOCK = 512  # weights that a program sums over the parts


@dataclass(frozen=True)
class Tile:
    """What a program makes at a time.

    Of pixels, outputs and inputs two are the sides of its result and one is the depth of a step:
    inputs going forward, outputs in the input's gradient, pixels in the weight's. Channels are at
    most that, the greatest power of two that divides what there is. bands: tiles of pixels in a
    program (`lane_conv_bands`: 3 x 3 with stride 1, but the weight's gradient). part: pixels that
    are summed before they go to memory, at least (the weight's gradient).
    """

    pixels: int
    outputs: int
    inputs: int
    warps: int = 4
    stages: int = 3
    bands: int = 1
    part: int = 2048


class Tiles(NamedTuple):
    """Of a convolution and its gradients."""

    forward: Tile
    by_input: Tile
    by_weight: Tile


def lane_convolve_plain(x: Tensor, weight: Tensor, lanes: int, stride: int = 1) -> Tensor:
    """The twin of `lane_convolve`."""
    return F.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2, groups=lanes)


def lane_convolve(
    x: Tensor, weight: Tensor, lanes: int, stride: int = 1, tiles: Tiles | None = None
) -> Tensor:
    """Convolution of each lane with its own k x k kernels, padded by k // 2; see `suits`.

    x: (batch, lanes * inputs, height, width), weight: (lanes * outputs, inputs, k, k), both in
    memory order channels_last. Differentiable by both. tiles: `own_tiles` if None.
    """
    shape = Shape.of(x, weight, lanes, stride)
    return _LaneConvolution.apply(x, weight, shape, tiles or own_tiles(shape))


def suits(x: Tensor, weight: Tensor, lanes: int, stride: int = 1) -> bool:
    """Is it such a convolution, and its arithmetic what the kernels do?"""
    outputs, inputs, size, _ = weight.shape
    height, width = x.shape[2:]
    whole = (outputs // lanes) % ALIGNED == 0 and inputs % ALIGNED == 0
    sides = all(_is_power_of_2(n) and n >= 2 * stride for n in (height, width))
    known = size in (1, 3) and stride in (1, 2) and sides and width <= stride * MOST_COLUMNS
    return whole and known and x.dtype == weight.dtype == torch.bfloat16


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


@dataclass(frozen=True)
class Shape:
    """A convolution of `lanes` lanes; rows and columns are those of the output."""

    lanes: int
    batch: int
    inputs: int
    outputs: int
    rows: int
    columns: int
    size: int
    stride: int

    @classmethod
    def of(cls, x: Tensor, weight: Tensor, lanes: int, stride: int) -> "Shape":
        outputs, inputs, size, _ = weight.shape
        rows, columns = (side // stride for side in x.shape[2:])
        return cls(lanes, len(x), inputs, outputs // lanes, rows, columns, size, stride)

    @cached_property
    def pixels(self) -> int:
        """Of the output, in a lane."""
        return self.batch * self.rows * self.columns

    @cached_property
    def sizes(self) -> tuple[int, int, int, int]:
        return self.inputs, self.outputs, self.rows, self.columns


def forward(x: Tensor, weight: Tensor, shape: Shape, tile: Tile) -> Tensor:
    """y (batch, lanes * outputs, rows, columns)."""
    plan = Plan(shape, tile)
    y = _new_map(x, shape.lanes * shape.outputs, shape.rows, shape.columns)
    if plan.bands > 1:
        return _in_bands(x, weight, y, shape, plan, back=False)
    tiles = shape.outputs // plan.outputs * plan.tiles
    kernels.forward[tiles, 1, shape.lanes](
        *(plan.boxes(x, shape.stride, plan.inputs), plan.taps(weight), plan.flat(y, plan.outputs)),
        *(*shape.sizes, shape.size, shape.stride),
        *(plan.pixels, plan.inputs, plan.outputs, _compute(x)),
        **plan.options,
    )
    return y


def gradient_by_input(dy: Tensor, weight: Tensor, shape: Shape, tile: Tile) -> Tensor:
    """dx (batch, lanes * inputs, stride * rows, stride * columns)."""
    plan = Plan(shape, tile)
    sides = shape.stride * shape.rows, shape.stride * shape.columns
    dx = _new_map(dy, shape.lanes * shape.inputs, *sides)
    if plan.bands > 1:
        return _in_bands(dy, weight, dx, shape, plan, back=True)
    tiles = shape.inputs // plan.inputs * plan.tiles
    kernels.by_input[tiles, shape.stride**2, shape.lanes](
        *(plan.boxes(dy, 1, plan.outputs), plan.taps(weight)),
        *(plan.boxes(dx, shape.stride, plan.inputs), *shape.sizes, shape.size, shape.stride),
        *(plan.box, plan.pixels, plan.inputs, plan.outputs, _compute(dy)),
        **plan.options,
    )
    return dx


def _in_bands(
    maps: Tensor, weight: Tensor, out: Tensor, shape: Shape, plan: "Plan", back: bool
) -> Tensor:
    depth, sides = (shape.outputs, shape.inputs) if back else (shape.inputs, shape.outputs)
    step, side = (plan.outputs, plan.inputs) if back else (plan.inputs, plan.outputs)
    images = plan.box[0]
    tiles = sides // side * triton.cdiv(shape.batch, images) * (shape.rows // plan.bands)
    bands_kernel[tiles, 1, shape.lanes](
        *(plan.boxes(maps, 1, step), plan.taps(weight), plan.boxes(out, 1, side)),
        *(depth, sides, shape.rows, back, images, shape.columns, plan.bands),
        *(step, side, _compute(maps)),
        **plan.options,
    )
    return out


def gradient_by_weight(
    x: Tensor, dy: Tensor, shape: Shape, dtype: torch.dtype, tile: Tile
) -> Tensor:
    """dw (lanes * outputs, inputs, size, size), of the minibatch, in memory order channels_last."""
    plan = Plan(shape, replace(tile, bands=1))
    blocks = shape.outputs // plan.outputs * (shape.inputs // plan.inputs)
    most = max(1, PROGRAMS // (blocks * shape.size))
    tiles_a_part = max(tile.part // tile.pixels, triton.cdiv(plan.tiles, most))
    parts = triton.cdiv(plan.tiles, tiles_a_part)
    taps, lanes = shape.size**2, shape.lanes
    dw = x.new_empty(lanes * shape.outputs, shape.size, shape.size, shape.inputs, dtype=dtype)
    sums = dw.new_empty(parts, *dw.shape, dtype=torch.float32)
    kernels.partial_by_weight[blocks, shape.size * parts, lanes](
        *(plan.boxes(x, shape.stride, plan.inputs), plan.flat(dy, plan.outputs)),
        *(sums, *shape.sizes, shape.pixels, tiles_a_part, shape.size, shape.stride),
        *(plan.pixels, plan.inputs, plan.outputs, _compute(x)),
        **plan.options,
    )
    numbers = shape.outputs * taps * shape.inputs
    kernels.combine_parts[triton.cdiv(numbers, BLOCK), lanes](
        *(sums, dw, parts, shape.inputs, numbers, taps, plan.inputs, plan.outputs, BLOCK)
    )
    return dw.permute(0, 3, 1, 2)


def own_tiles(shape: Shape) -> Tiles:
    """Two or three such programs have room in a multiprocessor, for speed is yet to be measured."""
    warps = 8 if shape.outputs % 128 == 0 else 4
    return Tiles(
        forward=Tile(pixels=128, outputs=128, inputs=64),
        by_input=Tile(pixels=128, outputs=64, inputs=128),
        by_weight=Tile(pixels=32, outputs=128, inputs=64, warps=warps),
    )


def cut(tile: Tile, shape: Shape) -> Tile:
    """What becomes of a tile where there are fewer channels, or no bands."""
    channels = {
        "inputs": gcd(tile.inputs, shape.inputs),
        "outputs": gcd(tile.outputs, shape.outputs),
    }
    in_bands = (shape.size, shape.stride) == (3, 1)
    return replace(tile, bands=min(tile.bands, shape.rows) if in_bands else 1, **channels)


class Plan:
    """A tile cut to a shape, and what a launch wants to know of it."""

    def __init__(self, shape: Shape, tile: Tile):
        tile = cut(tile, shape)
        self.pixels, self.inputs, self.outputs = tile.pixels, tile.inputs, tile.outputs
        self.bands = tile.bands
        rows = 1 if tile.bands > 1 else min(shape.rows, tile.pixels // shape.columns)
        self.box = tile.pixels // (rows * shape.columns), rows, shape.columns
        self.tiles = triton.cdiv(shape.pixels, tile.pixels)
        self.options = {"num_warps": tile.warps, "num_stages": tile.stages}

    def boxes(self, maps: Tensor, stride: int, channels: int) -> TensorDescriptor:
        """Boxes of so many channels of a map whose pixels are taken `stride` apart."""
        batch, all_channels, height, width = maps.shape
        split = batch, height // stride, stride, width // stride, stride * all_channels
        images, rows, columns = self.box
        view = maps.permute(0, 2, 3, 1).view(split)
        return TensorDescriptor.from_tensor(view, [images, rows, 1, columns, channels])

    def flat(self, maps: Tensor, channels: int) -> TensorDescriptor:
        """Pixels one after another, of all images."""
        rows = maps.permute(0, 2, 3, 1).view(-1, maps.shape[1])
        return TensorDescriptor.from_tensor(rows, [self.pixels, channels])

    def taps(self, weight: Tensor) -> TensorDescriptor:
        """(lanes * outputs, taps * inputs)."""
        rows = weight.permute(0, 2, 3, 1).reshape(len(weight), -1)
        return TensorDescriptor.from_tensor(rows, [self.outputs, self.inputs])


def _new_map(like: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    shape = len(like), channels, rows, columns
    return torch.empty(
        shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _is_power_of_2(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


def _compute(maps: Tensor) -> tl.dtype:
    return tl.bfloat16 if maps.is_cuda else tl.float32
