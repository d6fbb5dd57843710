"""What a source of minibatches offers to the training loop."""

from collections.abc import Iterable
from typing import Protocol

from torch import Tensor

from largebatch.models.lane_model import Batch


class Feed(Protocol):
    """Minibatches for several lanes, each in its own order; data stay in memory.

    ``steps``: minibatches an epoch. ``sizes[step]`` is the number of examples of each (the last one
    may be smaller where the study keeps it).
    """

    steps: int
    sizes: list[int]

    def start_epoch(self, epoch: int) -> None:
        """Draw every lane's order and augmentation of this epoch (1, 2, ...)."""

    def batch(self, step: int) -> Batch:
        """The minibatch of this step (0, 1, ...) of the epoch."""

    def batch_at(self, position: Tensor, size: int) -> Batch:
        """The same minibatch, of `size` examples, its step in a tensor () int64 on the device.

        Reads nothing but tensors that stay where they are, so that it can be recorded in a graph;
        `start_epoch` changes them in place.
        """

    def test(self) -> Iterable[tuple[Tensor, Tensor]]:
        """The test set in chunks (inputs, targets) without a lane dimension."""
