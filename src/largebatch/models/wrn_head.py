"""What follows the last feature map of wide ResNets: pool, linear layer, loss."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from largebatch.models.branches import SideBySide
from largebatch.models.lane_ops import classify, copy_rows_, cross_entropy
from largebatch.models.parameters import Parameters

NAMES = "linear.weight", "linear.bias"


class Head:
    """The head of some lanes; weight: (lanes, classes, channels), bias: (lanes, classes)."""

    def __init__(self, weight: Tensor, bias: Tensor):
        self.weight, self.bias = (tensor.detach().requires_grad_() for tensor in (weight, bias))

    @torch.enable_grad()
    def gradient(self, features: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
        """Mean loss and accuracy (lanes,), and gradients of features, weight and bias.

        features: (batch, lanes * channels, height, width); targets: (lanes, batch).
        """
        features = _in_memory(features.detach()).requires_grad_()
        losses, correct = self._score(features, targets)
        loss = losses.mean(1)
        # Lanes share no weights, so the gradient of the sum is that of each lane.
        slopes = torch.autograd.grad(loss.sum(), [features, self.weight, self.bias])
        return loss.detach(), correct.to(loss.dtype).mean(1), *slopes

    def sums(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Over the examples of loss and of correct answers, (lanes,) float64."""
        losses, correct = self._score(_in_memory(features), labels.expand(len(self.weight), -1))
        return losses.double().sum(1), correct.double().sum(1)

    def _score(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = classify(features.to(self.bias.dtype), self.weight, self.bias)
        return cross_entropy(logits, targets)


def _in_memory(features: Tensor) -> Tensor:
    """Lay out a lane's channels as if it were alone, so that kernels sum in the same order."""
    return features.contiguous(memory_format=torch.channels_last)


class Heads:
    """The heads of some lanes of a wide ResNet: one for all, or if `apart` one per lane."""

    def __init__(self, parameters: Parameters, lanes: slice, apart: bool, side_by_side: SideBySide):
        each = [slice(lane, lane + 1) for lane in range(lanes.start, lanes.stop)]
        held, filled = parameters.weight, parameters.gradient
        self.heads, self.gradients = [], []
        for own in each if apart else [lanes]:
            self.heads.append(Head(*(held[name][own] for name in NAMES)))
            self.gradients += [filled[name][own].view(-1) for name in NAMES]
        self._side_by_side = side_by_side

    def gradient(self, features: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean loss and accuracy, (lanes,), and the gradient of features; fills the others."""
        calls = [partial(head.gradient, *own) for head, *own in self._each(features, targets)]
        loss, accuracy, slope, *others = zip(*self._side_by_side(calls), strict=True)
        copy_rows_(self.gradients, [slope for head in zip(*others, strict=True) for slope in head])
        return _joined(loss), _joined(accuracy), _joined(slope, 1)

    def sums(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Over the examples of loss and of correct answers, (lanes,) float64."""
        labels = labels.expand(len(self.heads), -1)
        calls = [partial(head.sums, *own) for head, *own in self._each(features, labels)]
        loss, correct = zip(*self._side_by_side(calls), strict=True)
        return _joined(loss), _joined(correct)

    def _each(self, features: Tensor, of_examples: Tensor) -> Iterator[tuple[Head, Tensor, Tensor]]:
        count = len(self.heads)
        return zip(self.heads, features.chunk(count, 1), of_examples.chunk(count), strict=True)


def _joined(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Join the results of all heads; that of a single head is not copied."""
    return tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)  # type: ignore[arg-type]
