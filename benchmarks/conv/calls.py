"""The convolutions of a wide ResNet one by one: what there is, and who computes them how."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from largebatch.kernels import lane_conv_launch
from largebatch.kernels.lane_conv import widen
from largebatch.kernels.lane_conv_tiles import ALIGNED, Shape, Tile, cut, own_tiles
from largebatch.models.branches import Branches, one_after_another
from largebatch.models.wrn_layout import STEM, residual_blocks

DIRECTIONS = ("forward", "by input", "by weight")  # in the order of `Tiles`
Call = Callable[[], Tensor | list[Tensor]]  # branches return a tensor a lane


@dataclass(frozen=True)
class Layer:
    """Convolutions of one shape; rows: of the (square) output."""

    inputs: int
    outputs: int
    rows: int
    size: int
    stride: int

    @property
    def name(self) -> str:
        return f"{self.inputs}->{self.outputs}, {self.size}x{self.size}, 1/{self.stride}"

    def shape(self, batch: int = 1, lanes: int = 1) -> Shape:
        """As `lane_conv` has it: with zeros up to a multiple of channels that it takes."""
        inputs = self.inputs + -self.inputs % ALIGNED
        how = self.rows, self.rows, self.size, self.stride
        return Shape(lanes, batch, inputs, self.outputs, *how)

    def flop(self, batch: int) -> float:
        """Of any direction, a lane."""
        return 2.0 * batch * self.rows**2 * self.size**2 * self.inputs * self.outputs


def layers(depth: int, width: int, channels: int, side: int) -> dict[Layer, int]:
    """Those of WRN-depth-width, and how often each is there."""
    found = [Layer(channels, STEM, side, 3, 1)]
    for block in residual_blocks(depth, width):
        side //= block.stride
        found.append(Layer(block.inputs, block.outputs, side, 3, block.stride))
        found.append(Layer(block.outputs, block.outputs, side, 3, 1))
        if block.has_shortcut:
            found.append(Layer(block.inputs, block.outputs, side, 1, block.stride))
    return {layer: found.count(layer) for layer in found}


class Operands:
    """Random x, weight and dy of `lanes` lanes, and the convolution by each contender."""

    def __init__(self, layer: Layer, batch: int, lanes: int, device: torch.device):
        self.layer, self.batch, self.lanes, self.device = layer, batch, lanes, device
        side = layer.rows * layer.stride
        draw = torch.Generator(device).manual_seed(0)

        def maps(*shape: int) -> Tensor:
            numbers = torch.randn(shape, generator=draw, device=device).bfloat16()
            return numbers.contiguous(memory_format=torch.channels_last)

        self.x = maps(batch, lanes * layer.inputs, side, side)
        self.weight = maps(lanes * layer.outputs, layer.inputs, layer.size, layer.size)
        self.dy = maps(batch, lanes * layer.outputs, layer.rows, layer.rows)

    @property
    def title(self) -> str:
        return f"batch {self.batch}, {self.lanes} lanes, {self.layer.name}"

    def branches(self, direction: str) -> Call:
        """Each lane its own by cuDNN: the twin."""
        on_gpu = self.device.type == "cuda"
        side_by_side = Branches(self.device) if on_gpu else one_after_another
        own = [t.chunk(self.lanes, 1) for t in (self.x, self.dy)]
        own = [[t.contiguous(memory_format=torch.channels_last) for t in ts] for ts in own]
        lanes = zip(own[0], self.weight.chunk(self.lanes), own[1], strict=True)
        calls = [partial(self._cudnn, direction, *tensors, 1) for tensors in lanes]
        return partial(side_by_side, calls)

    def grouped(self, direction: str) -> Call:
        return partial(self._cudnn, direction, self.x, self.weight, self.dy, self.lanes)

    def joint(self, direction: str, tile: Tile) -> Call:
        x, weight, shape = self._wide
        if direction == "forward":
            return partial(lane_conv_launch.forward, x, weight, shape, tile)
        if direction == "by input":
            return partial(lane_conv_launch.gradient_by_input, self.dy, weight, shape, tile)
        return partial(lane_conv_launch.gradient_by_weight, x, self.dy, shape, weight.dtype, tile)

    def whole(self, direction: str, result: Tensor | list[Tensor]) -> Tensor:
        """What a call returned, of all lanes, without the channels that it was widened by."""
        if isinstance(result, list):
            result = torch.cat(result, 0 if direction == "by weight" else 1)
        return result[:, : self.layer.inputs] if direction == "by weight" else result

    @cached_property
    def _wide(self) -> tuple[Tensor, Tensor, Shape]:
        shape = self.layer.shape(self.batch, self.lanes)
        missing = shape.inputs - self.layer.inputs
        return widen(self.x, self.lanes, missing), widen(self.weight, 1, missing), shape

    def _cudnn(self, direction: str, x: Tensor, weight: Tensor, dy: Tensor, groups: int) -> Tensor:
        stride, padding = [self.layer.stride] * 2, [self.layer.size // 2] * 2
        if direction == "forward":
            return torch.conv2d(x, weight, None, stride, padding, 1, groups)
        wanted = [direction == "by input", direction == "by weight", False]
        how = None, stride, padding, [1, 1], False, [0, 0], groups, wanted
        gradients = torch.ops.aten.convolution_backward(dy, x, weight, *how)
        return gradients[wanted.index(True)]


def directions(layer: Layer) -> tuple[str, ...]:
    """The network's input needs no gradient."""
    return DIRECTIONS if layer.inputs % ALIGNED == 0 else (DIRECTIONS[0], DIRECTIONS[2])


def tiles(layer: Layer, direction: str) -> list[Tile]:
    """Those worth trying, the one that the models take first, each once."""
    shape = layer.shape()
    own = own_tiles(shape)[DIRECTIONS.index(direction)]
    others = WEIGHT_TILES if direction == "by weight" else PRODUCT_TILES
    if direction == "by input":
        others = [replace(tile, inputs=tile.outputs, outputs=tile.inputs) for tile in others]
    pairs = [(tile, cut(tile, shape)) for tile in (own, *others)]
    return list(dict.fromkeys(made for tile, made in pairs if _of_use(tile, made)))


def _of_use(tile: Tile, made: Tile) -> bool:
    """Eight warps have a wide result."""
    return max(made.inputs, made.outputs) >= 128 or tile.warps == 4


def tile_text(tile: Tile | None) -> str:
    if tile is None:
        return ""
    part = f" part{tile.part}" if tile.part != Tile.part else ""
    sizes = f"p{tile.pixels} o{tile.outputs} i{tile.inputs}"
    return f"{sizes} w{tile.warps} s{tile.stages}{part}"


# Sides and depth of a product, going forward.
PRODUCT_TILES = (
    Tile(128, 64, 64),
    Tile(256, 64, 64),
    Tile(256, 64, 32, stages=5),
    Tile(256, 128, 64, warps=8),
)
WEIGHT_TILES = (
    Tile(64, 64, 64, part=1024),
    Tile(64, 64, 64, part=512),
    Tile(32, 64, 64),
    Tile(32, 64, 64, part=1024),
    Tile(32, 128, 64, warps=8, part=1024),
    Tile(64, 128, 64, warps=8, stages=2),
)
