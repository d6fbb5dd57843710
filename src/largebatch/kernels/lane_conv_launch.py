"""The launches of `lane_conv`, which describe maps and weights to the copy engine."""

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from largebatch.kernels import lane_conv_kernels, lane_conv_weight_kernels
from largebatch.kernels.lane_conv_tiles import Shape, Tile, cut

PROGRAMS = 256  # at most, of a lane that sum over pixels; about two for each multiprocessor
BLOCK = 512  # weights that a program sums over the parts


def forward(x: Tensor, weight: Tensor, shape: Shape, tile: Tile) -> Tensor:
    """y (batch, lanes * outputs, rows, columns)."""
    plan = Plan(shape, tile)
    y = _new_map(x, shape.lanes * shape.outputs, shape.rows, shape.columns)
    tiles = shape.outputs // plan.outputs * plan.tiles
    lane_conv_kernels.forward[tiles, 1, shape.lanes](
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
    tiles = shape.inputs // plan.inputs * plan.tiles
    lane_conv_kernels.by_input[tiles, shape.stride**2, shape.lanes](
        *(plan.boxes(dy, 1, plan.outputs), plan.taps(weight)),
        *(plan.boxes(dx, shape.stride, plan.inputs), *shape.sizes, shape.size, shape.stride),
        *(plan.box, plan.pixels, plan.inputs, plan.outputs, _compute(dy)),
        **plan.options,
    )
    return dx


def gradient_by_weight(
    x: Tensor, dy: Tensor, shape: Shape, dtype: torch.dtype, tile: Tile
) -> Tensor:
    """dw (lanes * outputs, inputs, size, size), over the batch, in memory order channels_last."""
    plan = Plan(shape, tile)
    blocks = shape.outputs // plan.outputs * (shape.inputs // plan.inputs)
    most = max(1, PROGRAMS // (blocks * shape.size))
    tiles_a_part = max(tile.part // tile.pixels, triton.cdiv(plan.tiles, most))
    parts = triton.cdiv(plan.tiles, tiles_a_part)
    taps, lanes = shape.size**2, shape.lanes
    dw = x.new_empty(lanes * shape.outputs, shape.size, shape.size, shape.inputs, dtype=dtype)
    sums = dw.new_empty(parts, *dw.shape, dtype=torch.float32)
    lane_conv_weight_kernels.partial_by_weight[blocks, shape.size * parts, lanes](
        *(plan.boxes(x, shape.stride, plan.inputs), plan.flat(dy, plan.outputs)),
        *(sums, *shape.sizes, shape.pixels, tiles_a_part, shape.size, shape.stride),
        *(plan.pixels, plan.inputs, plan.outputs, _compute(x)),
        **plan.options,
    )
    numbers = shape.outputs * taps * shape.inputs
    lane_conv_weight_kernels.combine_parts[triton.cdiv(numbers, BLOCK), lanes](
        *(sums, dw, parts, shape.inputs, numbers, taps, plan.inputs, plan.outputs, BLOCK)
    )
    return dw.permute(0, 3, 1, 2)


class Plan:
    """A tile cut to a shape, and what a launch needs to know of it."""

    def __init__(self, shape: Shape, tile: Tile):
        tile = cut(tile, shape)
        self.pixels, self.inputs, self.outputs = tile.pixels, tile.inputs, tile.outputs
        rows = min(shape.rows, tile.pixels // shape.columns)
        self.box = tile.pixels // (rows * shape.columns), rows, shape.columns
        self.tiles = triton.cdiv(shape.pixels, tile.pixels)
        self.options = {"num_warps": tile.warps, "num_stages": tile.stages}

    def boxes(self, maps: Tensor, stride: int, channels: int) -> TensorDescriptor:
        """Boxes of `channels` channels in a map whose pixels are taken `stride` apart."""
        batch, all_channels, height, width = maps.shape
        split = batch, height // stride, stride, width // stride, stride * all_channels
        images, rows, columns = self.box
        view = maps.permute(0, 2, 3, 1).view(split)
        return TensorDescriptor.from_tensor(view, [images, rows, 1, columns, channels])

    def flat(self, maps: Tensor, channels: int) -> TensorDescriptor:
        """A map as (pixels of all images, channels)."""
        rows = maps.permute(0, 2, 3, 1).view(-1, maps.shape[1])
        return TensorDescriptor.from_tensor(rows, [self.pixels, channels])

    def taps(self, weight: Tensor) -> TensorDescriptor:
        """Weights as (lanes * outputs, taps * inputs)."""
        rows = weight.permute(0, 2, 3, 1).reshape(len(weight), -1)
        return TensorDescriptor.from_tensor(rows, [self.outputs, self.inputs])


def _new_map(like: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    shape = len(like), channels, rows, columns
    return torch.empty(
        shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _compute(maps: Tensor) -> tl.dtype:
    return tl.bfloat16 if maps.is_cuda else tl.float32
