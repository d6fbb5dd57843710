"""The convolutions of a wide ResNet one by one, and the tiles that are worth trying for each."""

from dataclasses import dataclass, replace

from largebatch.kernels.lane_conv_tiles import ALIGNED, Shape, Tile, cut, own_tiles
from largebatch.models.wrn_layout import STEM, residual_blocks

DIRECTIONS = ("forward", "by input", "by weight")  # in the order of `Tiles`


@dataclass(frozen=True)
class Layer:
    """A shape of convolution; rows: of the (square) output."""

    inputs: int
    outputs: int
    rows: int
    size: int
    stride: int

    @property
    def name(self) -> str:
        return f"{self.inputs}->{self.outputs}, {self.size}x{self.size}, 1/{self.stride}"

    def shape(self, batch: int = 1, lanes: int = 1) -> Shape:
        """The shape for `lane_conv`, with inputs padded to a multiple of channels that it takes."""
        inputs = self.inputs + -self.inputs % ALIGNED
        how = self.rows, self.rows, self.size, self.stride
        return Shape(lanes, batch, inputs, self.outputs, *how)

    def flop(self, batch: int) -> float:
        """Operations per lane, the same in every direction."""
        return 2.0 * batch * self.rows**2 * self.size**2 * self.inputs * self.outputs


def layers(depth: int, width: int, channels: int, side: int) -> dict[Layer, int]:
    """The convolutions of WRN-depth-width, and how often each occurs."""
    found = [Layer(channels, STEM, side, 3, 1)]
    for block in residual_blocks(depth, width):
        side //= block.stride
        found.append(Layer(block.inputs, block.outputs, side, 3, block.stride))
        found.append(Layer(block.outputs, block.outputs, side, 3, 1))
        if block.has_shortcut:
            found.append(Layer(block.inputs, block.outputs, side, 1, block.stride))
    return {layer: found.count(layer) for layer in found}


def directions(layer: Layer) -> tuple[str, ...]:
    """The directions to compute; the network's input needs no gradient."""
    return DIRECTIONS if layer.inputs % ALIGNED == 0 else (DIRECTIONS[0], DIRECTIONS[2])


def tiles(layer: Layer, direction: str) -> list[Tile]:
    """The tiles worth trying, each once, beginning with the one that the models use."""
    shape = layer.shape()
    own = own_tiles(shape)[DIRECTIONS.index(direction)]
    others = WEIGHT_TILES if direction == "by weight" else PRODUCT_TILES
    if direction == "by input":
        others = [replace(tile, inputs=tile.outputs, outputs=tile.inputs) for tile in others]
    pairs = [(tile, cut(tile, shape)) for tile in (own, *others)]
    return list(dict.fromkeys(made for tile, made in pairs if _of_use(tile, made)))


def _of_use(tile: Tile, made: Tile) -> bool:
    """Eight warps are only worth trying for a wide result."""
    return max(made.inputs, made.outputs) >= 128 or tile.warps == 4


def tile_text(tile: Tile | None) -> str:
    if tile is None:
        return ""
    part = f" part{tile.part}" if tile.part != Tile.part else ""
    sizes = f"p{tile.pixels} o{tile.outputs} i{tile.inputs}"
    return f"{sizes} w{tile.warps} s{tile.stages}{part}"


# Sides and depth of a product in the forward direction.
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
