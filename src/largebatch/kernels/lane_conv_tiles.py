"""Shapes of the convolutions of `lane_conv`, and the tiles in which they are computed."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import NamedTuple

from torch import Tensor

ALIGNED = 16  # channels that a matrix unit takes at a time
MOST_COLUMNS = 32  # of an output, because a tile of pixels has whole rows


@dataclass(frozen=True)
class Tile:
    """What a program computes at a time.

    Of pixels, outputs and inputs, two are the sides of its result and one is the depth of a step:
    inputs in the forward pass, outputs in the input gradient, pixels in the weight gradient.
    Numbers of channels are upper limits: `cut` reduces them to a divisor of those that exist. part:
    the least number of pixels that are summed before a result goes to memory (weight gradient).
    """

    pixels: int
    outputs: int
    inputs: int
    warps: int = 4
    stages: int = 3
    part: int = 2048


class Tiles(NamedTuple):
    """The tiles of a convolution and of its two gradients."""

    forward: Tile
    by_input: Tile
    by_weight: Tile


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
        """Pixels of a lane's output, in all images."""
        return self.batch * self.rows * self.columns

    @cached_property
    def sizes(self) -> tuple[int, int, int, int]:
        return self.inputs, self.outputs, self.rows, self.columns


def own_tiles(shape: Shape) -> Tiles:
    """The tiles for batches of 32 to 128, measured in packs of 8 lanes (docs/kernels.md)."""
    pixels = 256 if shape.inputs <= ALIGNED else 128
    return Tiles(
        forward=Tile(pixels, outputs=128, inputs=64),
        by_input=Tile(pixels, outputs=64, inputs=128),
        by_weight=Tile(64, outputs=64, inputs=64),
    )


def cut(tile: Tile, shape: Shape) -> Tile:
    """Reduce a tile's channels to divisors of the shape's."""
    inputs, outputs = gcd(tile.inputs, shape.inputs), gcd(tile.outputs, shape.outputs)
    return replace(tile, inputs=inputs, outputs=outputs)
