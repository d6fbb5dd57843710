"""What a model of several lanes offers to the training loop."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from largebatch.models.parameters import Parameters
from largebatch.models.replay import Play, plainly


@dataclass(frozen=True)
class Batch:
    """The data of one step for all lanes.

    inputs, targets: (lanes, batch, ...); for text (lanes, batch, time).
    key: (lanes,) int64, the dropout key of this step.
    """

    inputs: Tensor
    targets: Tensor
    key: Tensor


class LaneModel(Protocol):
    """`lanes` models of one shape, trained side by side; no lane sees another.

    ``state``: everything besides the parameters that a checkpoint must hold, lane first (batch-norm
    statistics, hidden state).
    """

    parameters: Parameters
    state: dict[str, Tensor]

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        """Draw one lane's initial weights from its own generator."""

    def start_epoch(self) -> None:
        """Prepare for an epoch (an LSTM forgets its hidden state)."""

    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Fill ``parameters.gradient``; return (loss, accuracy) of each lane as trained, (lanes,).

        The loss has no L2 term. Accuracy is None if the task has none. Must not synchronise with
        the host.
        """

    def evaluate(
        self, test: Iterable[tuple[Tensor, Tensor]], play: Play = plainly
    ) -> tuple[Tensor, Tensor | None]:
        """(loss, accuracy) of each lane over the whole test set, shared by all lanes: (lanes,).

        play: calls the function that scores a chunk (`Recorder` on a GPU).
        """
