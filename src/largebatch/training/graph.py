"""A pack's steps as CUDA graphs: one launch per step, and the host never waits.

The step's number, the learning rates and an epoch's draws live on the device, in memory that never
moves; between epochs they are changed in place. On the CPU the same functions are called directly,
which lets tests compare them with the steps written for the CPU.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from largebatch.models.lane_model import Batch
from largebatch.models.replay import Recorder, plainly
from largebatch.training.feeds.feed import Feed


class EpochGraphs:
    """A training step for each minibatch size; ``play`` records parts of an evaluation too.

    train_on: takes one step of all lanes, given a minibatch and the learning rates, (lanes, 1)
    like `raw_lr`.
    """

    def __init__(self, feed: Feed, train_on: Callable[[Batch, Tensor], None], raw_lr: Tensor):
        device = raw_lr.device
        self.feed, self.train_on = feed, train_on
        self.position = torch.zeros((), dtype=torch.int64, device=device)
        self.rate = torch.zeros_like(raw_lr)
        self.play = Recorder(device) if device.type == "cuda" else plainly
        self._step_of = {size: partial(self._step, size) for size in set(feed.sizes)}

    def start_epoch(self, step: int, rate: Tensor) -> None:
        self.position.fill_(step)
        self.rate.copy_(rate)

    def take(self, size: int) -> None:
        """Take the next step of the epoch, on `size` examples."""
        self.play(self._step_of[size])

    def _step(self, size: int) -> None:
        self.train_on(self.feed.batch_at(self.position, size), self.rate)
        self.position.add_(1)
