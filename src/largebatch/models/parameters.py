"""Weights, velocities and gradients of several runs ("lanes") side by side.

A lane is one run's slot in a process that trains many. Every tensor has the lane as its leading
dimension, so one operation serves all lanes and a vector of learning rates is a broadcast.

Two layouts of the same memory:

- ``flat``: one (lanes, size) block; each parameter is a strided view. The update rule is two
  operations for the whole model. For models whose kernels take a lane stride (batched GEMM).
- ``blocks``: one contiguous (lanes, *shape) block a parameter. For grouped convolutions, which
  want the lanes of one weight next to each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

# A lane's slice must start on a 64-byte boundary: MKL's kernels depend on the alignment, and a
# run's bits may not depend on its slot.
ALIGNMENT = 16


@dataclass(frozen=True)
class Slot:
    """One parameter of one lane. ``decay``: does L2 apply when it spares biases and BN?

    ``memory``: the shape in memory, in every dimension at least that of `shape`; zeros fill it up.
    """

    name: str
    shape: tuple[int, ...]
    decay: bool = True
    memory: tuple[int, ...] | None = None

    @property
    def held(self) -> tuple[int, ...]:
        return self.memory or self.shape


@dataclass(frozen=True)
class Block:
    """Numbers that the update rule works on, (lanes, size) each."""

    weight: Tensor
    velocity: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class Place:
    """Where a slot stands in the memory of all lanes, in numbers; `size` counts its padding."""

    start: int
    lane_stride: int
    size: int


@dataclass(frozen=True)
class Views:
    """What layers read and write: a slot's name to its (lanes, *shape) view."""

    weight: dict[str, Tensor]
    velocity: dict[str, Tensor]
    gradient: dict[str, Tensor]


class Parameters:
    """The parameters of `lanes` models of one shape.

    ``weight``, ``velocity`` and ``gradient`` map a slot's name to its (lanes, *shape) view,
    ``held`` to all that its memory holds. ``memory`` is all there is of each in one row; ``places``
    tells which slot is where. All start at zero.
    """

    def __init__(
        self,
        slots: Iterable[Slot],
        lanes: int,
        *,
        layout: str,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.slots = tuple(slots)
        self.lanes = lanes
        self.weight: dict[str, Tensor] = {}
        self.velocity: dict[str, Tensor] = {}
        self.gradient: dict[str, Tensor] = {}
        self.held = Views({}, {}, {})
        self.places: dict[str, Place] = {}
        groups = [self.slots] if layout == "flat" else [(slot,) for slot in self.slots]
        widths = [_width(group) for group in groups]
        total = sum(_aligned(lanes * width) for width in widths)
        self.memory = Block(*(torch.zeros(total, dtype=dtype, device=device) for _ in range(3)))
        self.blocks, start = [], 0
        for group, width in zip(groups, widths, strict=True):
            self.blocks.append(self._block(group, start, width))
            start += _aligned(lanes * width)

    def _block(self, group: tuple[Slot, ...], start: int, width: int) -> Block:
        """`width` numbers a lane, from `start` of the memory on, and the views of its slots."""
        block = Block(*(part[start:][: self.lanes * width].view(-1, width) for part in self._kinds))
        first = 0
        for slot in group:
            size, real = prod(slot.held), (slice(None), *map(slice, slot.shape))
            for views, held, part in zip(
                self._views, vars(self.held).values(), vars(block).values(), strict=True
            ):
                view = part[:, first : first + size]
                held[slot.name] = view.unflatten(1, slot.held) if slot.held else view[:, 0]
                views[slot.name] = held[slot.name][real]
            padded = min(_aligned(size), width - first)
            self.places[slot.name] = Place(start + first, width, padded)
            first += padded
        return block

    @property
    def _kinds(self) -> tuple[Tensor, ...]:
        return self.memory.weight, self.memory.velocity, self.memory.gradient

    @property
    def _views(self) -> tuple[dict[str, Tensor], ...]:
        return self.weight, self.velocity, self.gradient

    def count(self) -> int:
        """Trained numbers of one lane (padding not counted)."""
        return sum(prod(slot.shape) for slot in self.slots)

    def copy_weights(self, source: int, target: int) -> None:
        """From one lane to another."""
        for weight in self.weight.values():
            weight[target].copy_(weight[source])

    def only(self, lane: int) -> Views:
        """One lane of all, still with its dimension."""
        return Views(*({k: v[lane : lane + 1] for k, v in views.items()} for views in self._views))

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint must hold, lane first: weights and velocities by slot."""
        weights = {f"weight.{name}": view for name, view in self.weight.items()}
        return weights | {f"velocity.{name}": view for name, view in self.velocity.items()}


def _width(group: tuple[Slot, ...]) -> int:
    """Numbers of a lane; a slot alone is not padded, so that its lanes are next to each other."""
    sizes = [prod(slot.held) for slot in group]
    return sizes[0] if len(sizes) == 1 else sum(map(_aligned, sizes))


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
