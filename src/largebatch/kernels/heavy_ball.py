"""The optimizer's step of all lanes in one launch: clipping, L2, velocity and weight in one pass.

PyTorch's operations move 9 numbers per weight (g + l2 w, m v + g, w - e v: two in and one out
each), 2 more where the gradient is clipped, and each launches a kernel for every block of
parameters, of which a wide ResNet has some forty. Here 5 numbers move, 3 in a lane without
momentum. The twin is `training.update`, operation by operation.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from largebatch.models.parameters import Parameters

BLOCK, WARPS = 2048, 8  # numbers per program; fixed, so a lane's bits do not depend on the pack
VECTOR = 4  # float32 numbers in a load of 16 bytes


class HeavyBall:
    """v <- m v + g, w <- w - e v with g = factor x gradient + l2 w (eq. 8 of the paper).

    everywhere: apply L2 to biases and batch norm too. The velocity of a lane with m = 0 is neither
    read nor written.
    """

    def __init__(self, parameters: Parameters, l2: float, everywhere: bool):
        self.parameters, self.l2 = parameters, l2
        decaying = {slot.name for slot in parameters.slots if everywhere or slot.decay}
        rows = [row for name in parameters.places for row in _tiles(parameters, name, decaying)]
        device = parameters.memory.weight.device
        self.tiles = torch.tensor(rows, dtype=torch.int64, device=device)
        self.aligned = all(number % VECTOR == 0 for row in rows for number in row[:3])

    def descend(self, m: Tensor, e: Tensor, factor: Tensor | None = None) -> None:
        """Take one step in place. m, e: (lanes, 1); factor: (lanes,), or None for 1."""
        memory = self.parameters.memory
        _heavy_ball[len(self.tiles), self.parameters.lanes](
            *(memory.weight, memory.velocity, memory.gradient, m, e),
            m if factor is None else factor,
            *(self.tiles, self.l2, factor is not None, self.aligned, BLOCK),
            num_warps=WARPS,
        )


def _tiles(parameters: Parameters, name: str, decaying: set[str]) -> list[tuple[int, ...]]:
    """A slot's tiles in lane 0: (start, numbers, distance to the next lane, does L2 apply?)."""
    place, decays = parameters.places[name], int(name in decaying)
    return [
        (place.start + first, min(BLOCK, place.size - first), place.lane_stride, decays)
        for first in range(0, place.size, BLOCK)
    ]


@triton.jit
def _heavy_ball(
    weight, velocity, gradient, m, e, factor, tiles, l2,
    CLIPPED: tl.constexpr, ALIGNED: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    lane = tl.program_id(1).to(tl.int64)
    tile = tiles + tl.program_id(0) * 4
    start = tl.load(tile) + lane * tl.load(tile + 2)
    count = tl.load(tile + 1).to(tl.int32)
    if ALIGNED:
        start, count = tl.multiple_of(start, 4), tl.multiple_of(count, 4)
    place = tl.arange(0, BLOCK)
    inside = place < count
    w_at, v_at = weight + start + place, velocity + start + place
    w = tl.load(w_at, mask=inside)
    v = tl.load(gradient + start + place, mask=inside)
    if CLIPPED:
        v *= tl.load(factor + lane)
    v += l2 * tl.load(tile + 3).to(tl.float32) * w
    momentum = tl.load(m + lane)
    if momentum > 0:
        v += momentum * tl.load(v_at, mask=inside)
        tl.store(v_at, v, mask=inside)
    tl.store(w_at, w - tl.load(e + lane) * v, mask=inside)
