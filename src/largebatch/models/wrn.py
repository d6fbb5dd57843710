"""Wide residual networks (Zagoruyko & Komodakis, 2016), several of them side by side."""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor

from largebatch.models.batch_norm import BatchNorm
from largebatch.models.branches import Branches, one_after_another
from largebatch.models.lane_model import Batch
from largebatch.models.lane_ops import together
from largebatch.models.parameters import Parameters
from largebatch.models.replay import Play, plainly
from largebatch.models.wrn_layout import (
    initial_value,
    norm_sizes,
    parameter_slots,
    residual_blocks,
)
from largebatch.models.wrn_part import Network, Part


class WideResNet:
    """`lanes` WRNs of one shape; a `LaneModel`. A lane's bits do not depend on the others if there
    are at least two lanes.

    settings: {depth, width, normalization: batch | none, init: he | lecun, gamma: ones | uniform}
    and, if wanted, {dropout: 0, ghost_batch: None, bn_momentum: 0.1, bn_epsilon: 1e-5}.
    facts: {shape: [channels, height, width], classes} of the images.

    compute: the dtype of activations (bfloat16 beside float32 weights); None for `dtype`.
    convolutions: `branches`, each lane's own, side by side on a GPU; `joint`, our kernels for all
    lanes at once in training, but branches in tests, whose minibatches are wide; `grouped`, common
    convolutions whose groups are the lanes. own_kernels: use one Triton kernel for batch norm and
    ReLU, and our kernels for convolutions that cuDNN is slow at (`Part`).

    ``state`` holds the running mean and variance of each BN layer, (lanes, channels).
    """

    def __init__(
        self,
        settings: dict,
        facts: dict,
        lanes: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        *,
        compute: torch.dtype | None = None,
        convolutions: str = "grouped",
        own_kernels: bool = False,
    ):
        self.init, self.gamma = settings["init"], settings["gamma"]
        self.blocks = residual_blocks(settings["depth"], settings["width"])
        norms = norm_sizes(self.blocks) if settings["normalization"] == "batch" else {}
        slots = parameter_slots(self.blocks, norms, facts["shape"][0], facts["classes"])
        self.parameters = Parameters(slots, lanes, layout="blocks", dtype=dtype, device=device)
        self.state: dict[str, Tensor] = {}
        for name, size in norms.items():
            self.state[f"{name}.mean"] = torch.zeros(lanes, size, dtype=dtype, device=device)
            self.state[f"{name}.var"] = torch.ones(lanes, size, dtype=dtype, device=device)
        _, height, width = facts["shape"]
        self._map_size = self.blocks[0].outputs * height * width  # one example's widest feature map
        self.convolutions = convolutions
        on_gpu = torch.device(device).type == "cuda"
        self._network = Network(
            self.blocks,
            self.parameters,
            self.state,
            batch_norm=BatchNorm(
                settings.get("bn_momentum", 0.1),
                settings.get("bn_epsilon", 1e-5),
                settings.get("ghost_batch"),
            ),
            dropout=settings.get("dropout", 0),
            compute=compute or dtype,
            own_kernels=own_kernels,
            side_by_side=Branches(torch.device(device)) if on_gpu else one_after_another,
        )
        self._test_sums = torch.zeros(2, lanes, dtype=torch.float64, device=device)
        self._parts: dict[tuple[int, bool], list[Part]] = {}

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        """Draw one lane's weights and forget its running statistics."""
        for slot in self.parameters.slots:
            value = initial_value(slot, self.init, self.gamma, generator)
            self.parameters.weight[slot.name][lane] = value
        for name, statistic in self.state.items():
            statistic[lane] = 1 if name.endswith(".var") else 0

    def start_epoch(self) -> None:
        """Nothing but the running statistics is carried from batch to batch."""

    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Fill ``parameters.gradient``; return the minibatch's mean cross-entropy and accuracy."""
        parts = self._parts_for(batch.inputs.shape[1], training=True)
        results = self._network.side_by_side([partial(part.gradient, batch) for part in parts])
        loss, accuracy = zip(*results, strict=True)
        return torch.cat(loss), torch.cat(accuracy)

    def evaluate(
        self, test: Iterable[tuple[Tensor, Tensor]], play: Play = plainly
    ) -> tuple[Tensor, Tensor]:
        """Mean cross-entropy and accuracy with running statistics, float64.

        test: chunks of (images (n, channels, height, width), labels (n,)).
        """
        self._test_sums.zero_()
        count = 0
        for images, labels in test:
            play(self._score, images, labels)
            count += len(labels)
        loss, correct = self._test_sums / count
        return loss, correct

    def _score(self, images: Tensor, labels: Tensor) -> None:
        parts = self._parts_for(len(labels), training=False)
        calls = [partial(part.evaluate, images, labels) for part in parts]
        results = self._network.side_by_side(calls)
        for sums, of_parts in zip(self._test_sums, zip(*results, strict=True), strict=True):
            sums.add_(torch.cat(of_parts))

    def _parts_for(self, examples: int, training: bool) -> list[Part]:
        """The lanes in parts that are computed at a time, for minibatches of this size."""
        if (examples, training) not in self._parts:
            joint = training and self.convolutions == "joint"
            parts = [slice(0, self.parameters.lanes)] if joint else self._division(examples)
            self._parts[examples, training] = [Part(self._network, part, joint) for part in parts]
        return self._parts[examples, training]

    def _division(self, examples: int) -> list[slice]:
        """Parts of one lane each, or of as many as suit the cache."""
        lanes = self.parameters.lanes
        if self.convolutions != "grouped":
            return [slice(lane, lane + 1) for lane in range(lanes)]
        if self._test_sums.device.type == "cuda":  # no cache to suit
            return [slice(0, lanes)]
        return together(lanes, examples * self._map_size)
