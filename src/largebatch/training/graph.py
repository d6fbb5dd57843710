"""A pack's steps as CUDA graphs: one launch a step, the host never waits.

The step's number, the learning rates and an epoch's draws live on the device, in memory that stays
where it is; between epochs they are changed in place. On the CPU the same functions are called
plainly, which is how tests compare them with the steps written for the CPU.
"""

from functools import partial
from typing import TYPE_CHECKING

import torch

from largebatch.models.replay import Recorder, plainly

if TYPE_CHECKING:
    from largebatch.training.steps import Steps


class EpochGraphs:
    """The training step of each minibatch size; ``play`` records parts of an evaluation too."""

    def __init__(self, steps: "Steps", device: torch.device):
        self.steps = steps
        self.position = torch.zeros((), dtype=torch.int64, device=device)
        self.rate = torch.zeros_like(steps.raw_lr)
        self.play = Recorder(device) if device.type == "cuda" else plainly
        self._step_of = {size: partial(self._step, size) for size in set(steps.feed.sizes)}

    def start_epoch(self, step: int, rate: torch.Tensor) -> None:
        self.position.fill_(step)
        self.rate.copy_(rate)

    def take(self, size: int) -> None:
        """The next step of the epoch, of `size` examples."""
        self.play(self._step_of[size])

    def _step(self, size: int) -> None:
        self.steps.train_on(self.steps.feed.batch_at(self.position, size), self.rate)
        self.position.add_(1)
