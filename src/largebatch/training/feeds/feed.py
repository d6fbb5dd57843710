"""What a source of minibatches offers to the training loop."""

from collections.abc import Iterable
from typing import Protocol

from torch import Tensor

from largebatch.models.lane_model import Batch


class Feed(Protocol):
    """Minibatches for several lanes, each in its own order; the data stay in memory.

    ``steps``: minibatches per epoch. ``sizes[step]``: the number of examples in each (the last may
    be smaller where the study keeps it).
    """

    steps: int
    sizes: list[int]

    def start_epoch(self, epoch: int) -> None:
        """Draw every lane's order and augmentation for this epoch (1, 2, ...)."""

    def batch(self, step: int) -> Batch:
        """The minibatch of this step (0, 1, ...) of the epoch."""

    def batch_at(self, position: Tensor, size: int) -> Batch:
        """The same minibatch, of `size` examples; `position`: its step, () int64 on the device.

        Reads only tensors that never move, so it can be recorded in a graph; `start_epoch` changes
        them in place.
        """

    def test(self) -> Iterable[tuple[Tensor, Tensor]]:
        """The test set in chunks (inputs, targets) without a lane dimension."""
