"""Wide ResNets with the candidate in place of their convolutions, while a benchmark asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from torch import Tensor

from candidates.lane_conv import lane_convolve, suits
from candidates.lane_conv_tiles import ALIGNED, Shape, Tiles, own_tiles
from largebatch.models.lane_ops import convolve
from largebatch.models.wrn_part import Part


@contextmanager
def lane_convolutions(tiles: Callable[[Shape], Tiles] = own_tiles) -> Iterator[None]:
    """Within it every part of a wide ResNet convolves by `lane_convolve` what suits it."""

    def convolved(part: Part, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, lanes = part.weight[name], part.count
        missing = -weight.shape[1] % ALIGNED
        wide = (widen(x, lanes, missing), widen(weight, 1, missing)) if missing else (x, weight)
        if not suits(*wide, lanes, stride):
            return convolve(x, weight, lanes, stride)
        return lane_convolve(*wide, lanes, stride, tiles(Shape.of(*wide, lanes, stride)))

    before = Part._convolve
    Part._convolve = convolved
    try:
        yield
    finally:
        Part._convolve = before


def widen(maps: Tensor, groups: int, missing: int) -> Tensor:
    """Each group of channels with so many zeros behind it, in memory order channels_last."""
    rows = maps.permute(0, 2, 3, 1).unflatten(3, (groups, -1))
    return F.pad(rows, (0, missing)).flatten(3).permute(0, 3, 1, 2)
