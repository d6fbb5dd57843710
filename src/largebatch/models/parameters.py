"""Weights, velocities and gradients of several runs ("lanes") side by side.

A lane is one run's slot in a process that trains many. Every tensor has the lane as its leading
dimension, so one operation serves all lanes and a vector of learning rates is a broadcast.

Two layouts of the same thing:

- ``flat``: one (lanes, size) buffer; each parameter is a strided view. The update rule is two
  operations for the whole model. For models whose kernels take a lane stride (batched GEMM).
- ``blocks``: one contiguous (lanes, *shape) buffer a parameter. For grouped convolutions, which
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
    """One parameter of one lane. ``decay``: does L2 apply when it spares biases and BN?"""

    name: str
    shape: tuple[int, ...]
    decay: bool = True


@dataclass(frozen=True)
class Block:
    """Matrices (lanes, size) that the update rule works on."""

    weight: Tensor
    velocity: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class Views:
    """What layers read and write: a slot's name to its (lanes, *shape) view."""

    weight: dict[str, Tensor]
    velocity: dict[str, Tensor]
    gradient: dict[str, Tensor]


class Parameters:
    """The parameters of `lanes` models of one shape.

    ``weight``, ``velocity`` and ``gradient`` map a slot's name to its (lanes, *shape) view.
    All start at zero.
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
        groups = [self.slots] if layout == "flat" else [(slot,) for slot in self.slots]
        self.blocks = [self._allocate(group, dtype, device) for group in groups]

    def _allocate(self, group: tuple[Slot, ...], dtype, device) -> Block:
        offsets, size = [], 0
        for slot in group:
            offsets.append(size)
            size += prod(slot.shape) if len(group) == 1 else _aligned(prod(slot.shape))
        buffers = [torch.zeros(self.lanes, size, dtype=dtype, device=device) for _ in range(3)]
        for views, buffer in zip((self.weight, self.velocity, self.gradient), buffers, strict=True):
            for slot, start in zip(group, offsets, strict=True):
                part = buffer[:, start : start + prod(slot.shape)]
                views[slot.name] = part.unflatten(1, slot.shape) if slot.shape else part[:, 0]
        return Block(*buffers)

    def count(self) -> int:
        """Trained numbers of one lane (padding not counted)."""
        return sum(prod(slot.shape) for slot in self.slots)

    def only(self, lane: int) -> Views:
        """One lane of all, still with its dimension."""
        kinds = self.weight, self.velocity, self.gradient
        return Views(*({k: v[lane : lane + 1] for k, v in views.items()} for views in kinds))

    def state(self) -> dict[str, Tensor]:
        """What a checkpoint must hold, lane first: weights and velocities by slot."""
        weights = {f"weight.{name}": view for name, view in self.weight.items()}
        return weights | {f"velocity.{name}": view for name, view in self.velocity.items()}


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
