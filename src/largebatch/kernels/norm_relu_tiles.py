"""How the kernels of `norm_relu` divide (rows, channels) among their programs."""

from typing import NamedTuple

import triton
from torch import Tensor

CHANNELS = 64  # of a tile, at most
MOST_TILES = 8  # that a program normalises
PARTS = 1024  # of the rows in a reduction, at most; about eight for each multiprocessor
PART = 8192  # numbers in a part, at least: its last step, across threads, has to be worth it
COMBINED = 8  # channels that a program combines from all parts


class Tile(NamedTuple):
    """How many numbers a program holds at a time, and its warps; the fastest in docs/kernels.md."""

    numbers: int
    warps: int


STATISTICS, SUMS, APPLICATION = Tile(2048, 4), Tile(1024, 2), Tile(2048, 2)


class Tiles:
    """(rows, channels) in tiles that follow from the channels of one lane."""

    def __init__(self, x: Tensor, lanes: int, tile: Tile):
        self.channels = x.shape[1]
        self.rows = x.numel() // self.channels
        channels = min(CHANNELS, triton.next_power_of_2(self.channels // lanes))
        rows = tile.numbers // channels
        self.tile = {"ROWS": rows, "CHANNELS": channels, "num_warps": tile.warps}
        self.tiles = triton.cdiv(self.rows, rows)
        self.blocks = triton.cdiv(self.channels, channels)


class Reduction(Tiles):
    """The work of a reduction over the rows, in parts."""

    def __init__(self, x: Tensor, lanes: int, tile: Tile):
        super().__init__(x, lanes, tile)
        least = min(PART // tile.numbers, self.tiles)
        tiles_a_part = max(triton.cdiv(self.tiles, PARTS), least)
        self.rows_a_part = tiles_a_part * self.tile["ROWS"]
        self.parts = triton.cdiv(self.tiles, tiles_a_part)
        self.grid = self.parts, self.blocks
        self.sizes = self.rows, self.channels, tiles_a_part
        parts = triton.next_power_of_2(self.parts)
        self.combined = {"PARTS": parts, "CHANNELS": COMBINED, "num_warps": 8}
        self.combination = (triton.cdiv(self.channels, COMBINED),)

    def partials(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Memory for two numbers per part and channel, (parts, channels) each."""
        return tuple(like.new_empty(2, self.parts, self.channels))


class Application(Tiles):
    """The work of an operation on each number."""

    def __init__(self, x: Tensor, lanes: int):
        super().__init__(x, lanes, APPLICATION)
        tiles_a_program = max(1, min(MOST_TILES, self.tiles // PARTS))
        self.grid = triton.cdiv(self.tiles, tiles_a_program), self.blocks
        self.sizes = self.rows, self.channels, tiles_a_program
