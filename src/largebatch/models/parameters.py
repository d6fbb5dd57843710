"""Weights, velocities and gradients of several runs ("lanes") side by side.

A lane is one run's slot in a process that trains many. Every tensor has the lane as its leading
dimension, so one operation serves all lanes and a vector of learning rates is a broadcast.

Two layouts of the same memory:

- ``flat``: one (lanes, size) block, of which each parameter is a strided view. The update rule is
  two operations for the whole model. For models whose kernels take a lane stride (batched GEMM).
- ``blocks``: one contiguous (lanes, *shape) block per parameter. For grouped convolutions, which
  want the lanes of one weight next to each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

# In numbers: a lane's slice must start on a 64-byte boundary, because MKL's kernels depend on the
# alignment, and a run's bits must not depend on its slot.
ALIGNMENT = 16


@dataclass(frozen=True)
class Slot:
    """One parameter of one lane.

    ``decay``: does L2 apply even when biases and BN are exempt? ``memory``: the shape in memory, at
    least `shape` in every dimension, padded with zeros; None if it is `shape`.
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
    """The numbers that the update rule works on, (lanes, size) each."""

    weight: Tensor
    velocity: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class Place:
    """Where a slot is in the memory of all lanes, in numbers; `size` includes its padding."""

    start: int
    lane_stride: int
    size: int


@dataclass(frozen=True)
class Views:
    """What layers read and write: {name of a slot: its (lanes, *shape) view}."""

    weight: dict[str, Tensor]
    velocity: dict[str, Tensor]
    gradient: dict[str, Tensor]


class Parameters:
    """The parameters of `lanes` models of one shape.

    ``weight``, ``velocity`` and ``gradient`` map a slot's name to its (lanes, *shape) view, and
    ``held`` has the same views with padding. ``memory`` has all numbers of each kind in one row;
    ``places`` says which slot is where. Everything starts at zero.
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
        """The block at `start` of the memory, `width` numbers per lane; add views of its slots."""
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
        """The trained numbers of one lane, without padding."""
        return sum(prod(slot.shape) for slot in self.slots)

    def copy_weights(self, source: int, target: int) -> None:
        """Copy the weights of one lane to another."""
        for weight in self.weight.values():
            weight[target].copy_(weight[source])

    def only(self, lane: int) -> Views:
        """Views of one lane, which keep the lane's dimension."""
        return Views(*({k: v[lane : lane + 1] for k, v in views.items()} for views in self._views))

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint must hold: weights and velocities by slot, lane first."""
        weights = {f"weight.{name}": view for name, view in self.weight.items()}
        return weights | {f"velocity.{name}": view for name, view in self.velocity.items()}


def _width(group: tuple[Slot, ...]) -> int:
    """Numbers per lane; a single slot is not padded, so that its lanes are next to each other."""
    sizes = [prod(slot.held) for slot in group]
    return sizes[0] if len(sizes) == 1 else sum(map(_aligned, sizes))


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
