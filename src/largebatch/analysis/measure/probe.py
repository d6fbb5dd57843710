"""The examples that a network is measured on: training examples, not augmented."""

from collections.abc import Iterator

import torch
from torch import Tensor

from largebatch.data.load import Dataset
from largebatch.models.streams import generator
from largebatch.training.build import build_feed

SEED, SHUFFLE = 0, 1  # the order is that of a run's first epoch


class Probe:
    """Disjoint minibatches of a shuffled training set; for text, of windows of `unroll` tokens.

    examples: how many images or windows there are.
    """

    def __init__(self, model: dict, data: Dataset, device: torch.device):
        self.model, self.data, self.device = model, data, device
        self._windows: tuple[Tensor, Tensor] | None = None
        if data.train_images is None:
            self._windows = _windows(data, model["unroll"])
            self.examples = len(self._windows[0])
        else:
            self.examples = len(data.train_images)

    def minibatches(self, batch: int, most: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield at most `most` minibatches, (inputs, targets), of `batch` examples each."""
        count = min(most, self.examples // batch)
        if self._windows is None:
            return self._images(batch, count)
        return self._texts(*self._windows, batch, count)

    def _images(self, batch: int, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        task = {"model": self.model, "last_batch": "drop"}
        feed = build_feed(task, self.data, [SEED], batch, self.device)
        feed.start_epoch(SHUFFLE)
        for step in range(count):
            minibatch = feed.batch(step)
            yield minibatch.inputs[0], minibatch.targets[0]

    def _texts(
        self, inputs: Tensor, targets: Tensor, batch: int, count: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(self.examples, generator=generator(SEED, "order", SHUFFLE))
        for chosen in order[: count * batch].view(count, batch):
            yield inputs[chosen].to(self.device), targets[chosen].to(self.device)


def _windows(data: Dataset, unroll: int) -> tuple[Tensor, Tensor]:
    """Windows of training tokens, (windows, unroll), and of the tokens that follow each."""
    tokens = torch.as_tensor(data.train_tokens).long()
    count = (len(tokens) - 1) // unroll
    inputs, targets = tokens[: count * unroll], tokens[1 : count * unroll + 1]
    return inputs.view(count, unroll), targets.view(count, unroll)
