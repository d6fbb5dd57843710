"""Minibatches of images for several lanes, each in its own order, gathered from memory."""

from collections.abc import Iterator

import torch
from torch import Tensor

from largebatch.models.lane_model import Batch
from largebatch.models.streams import generator, keys
from largebatch.training.feeds.augment import crop, draw_crops, pad_images

# Steps are gathered together, up to this many pixels (256 KiB of float32): a step of a small task
# then costs a view, not six calls.
PIXELS_AT_ONCE = 2**16
TEST_CHUNK = 256
TEST_CHUNK_GPU = 2000


class ImageFeed:
    """A `Feed` of images, for classification or (target = "input") for auto-encoding.

    data: train_images, test_images (n, channels, height, width) uint8, train_labels, test_labels
    (n,), and facts {mean, std}, lists of one number per channel, of pixels in [0, 1].
    seeds: one per lane; lanes with equal seeds see the same examples.
    augmentation: None or {pad, padding: reflect | zero, flip}. last_batch: drop | keep.

    Classification: inputs (lanes, batch, channels, height, width), each channel with mean 0 and
    deviation 1; targets (lanes, batch). Auto-encoding: both are (lanes, batch, pixels) in [0, 1].
    """

    def __init__(
        self,
        data,
        seeds: list[int],
        batch: int,
        *,
        target: str = "label",
        augmentation: dict | None = None,
        last_batch: str = "drop",
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ):
        self.seeds, self.dtype, self.device = seeds, dtype, device
        self.augmentation, self.target = augmentation, target
        self.count, *self.shape = data.train_images.shape
        self.size, self.full_steps = batch, self.count // batch
        self.sizes = _sizes(self.count, batch, last_batch)
        self.steps = len(self.sizes)
        self.unique = list(dict.fromkeys(seeds))  # lanes with equal seeds share one gather
        self.lane_source = torch.tensor([self.unique.index(seed) for seed in seeds], device=device)
        # On the CPU, because a GPU cannot reflect bytes.
        train = pad_images(data.train_images.cpu(), *_padding(augmentation))
        self.images = train.to(device).contiguous()
        self.labels = data.train_labels.to(device)
        self.test_set = data.test_images.to(device), data.test_labels.to(device)
        self.shift, self.scale = _normalisation(data.facts, target, dtype, device)
        # Each epoch's draws go to the same memory, where a recorded step finds them.
        self.order = self._memory(len(self.unique), self.count)
        self.crops = self._memory(3, len(self.unique), self.count) if augmentation else None
        self.key = self._memory(len(seeds))
        self._places = torch.arange(batch, device=device)
        self._test_chunk = TEST_CHUNK if self.images.device.type == "cpu" else TEST_CHUNK_GPU
        self.steps_at_once = max(1, PIXELS_AT_ONCE // (len(seeds) * batch * self.images[0].numel()))

    def start_epoch(self, epoch: int) -> None:
        """Draw each seed's order of examples, and its crops by position in the epoch."""
        order = [torch.randperm(self.count, generator=g) for g in self._streams("order", epoch)]
        self.order.copy_(torch.stack(order))
        if self.augmentation:
            pad, flip = self.augmentation["pad"], self.augmentation["flip"]
            streams = self._streams("augmentation", epoch)
            drawn = [draw_crops(stream, self.count, pad, flip) for stream in streams]
            self.crops.copy_(torch.stack(drawn, 1))  # type: ignore[union-attr]
        self.key.copy_(keys(self.seeds, "dropout", epoch))
        self.gathered = range(0)

    def batch(self, step: int) -> Batch:
        """The minibatch of this step; the dropout key is the epoch's plus the step."""
        if step not in self.gathered:
            self._gather(step)
        here = step - self.gathered.start
        return Batch(self.inputs[here], self.targets[here], self.key + step)

    def batch_at(self, position: Tensor, size: int) -> Batch:
        """Like `batch`, for a graph: gathers one step, by indices alone."""
        here = position * self.size + self._places[:size]
        example = self.order.index_select(1, here)  # (seeds, size)
        crops = None if self.crops is None else self.crops.index_select(2, here)
        inputs, targets = self._pick(example, crops)
        inputs = self._to_lanes(inputs, 0)
        targets = inputs if self.target == "input" else self._to_lanes(targets, 0)
        return Batch(inputs, targets, self.key + position)

    def test(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Chunks of (inputs, targets) without a lane dimension."""
        images, labels = (part.split(self._test_chunk) for part in self.test_set)
        for chunk in zip(images, labels, strict=True):
            yield self._finish(*chunk)

    def _memory(self, *shape: int) -> Tensor:
        return torch.zeros(shape, dtype=torch.int64, device=self.device)

    def _streams(self, name: str, epoch: int) -> list[torch.Generator]:
        return [generator(seed, name, epoch) for seed in self.unique]

    def _gather(self, first: int) -> None:
        """Gather the minibatches of step `first` and some steps after it, all of one size."""
        last = min(first + self.steps_at_once, self.full_steps) if first < self.full_steps else None
        sizes = self.sizes[first:last]
        example = self._by_step(self.order, first, sizes)
        crops = None if self.crops is None else self._by_step(self.crops, first, sizes)
        inputs, targets = self._pick(example, crops)
        self.inputs = self._to_lanes(inputs, 1)
        self.targets = self.inputs if targets is inputs else self._to_lanes(targets, 1)
        self.gathered = range(first, first + len(sizes))

    def _pick(self, example: Tensor, crops: Tensor | None) -> tuple[Tensor, Tensor]:
        """Inputs and targets of these examples, (..., C, H, W) and (...)."""
        if crops is None:
            images = self.images[example]
        else:
            images = crop(self.images, tuple(self.shape[1:]), example, crops)
        return self._finish(images, self.labels[example])

    def _by_step(self, epoch: Tensor, first: int, sizes: list[int]) -> Tensor:
        """(..., seeds, examples) of an epoch -> (..., steps, seeds, size) of some steps."""
        part = epoch.narrow(-1, first * self.size, sum(sizes))
        return part.unflatten(-1, (len(sizes), sizes[0])).transpose(-2, -3).contiguous()

    def _finish(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised inputs, flattened for auto-encoding, and what to predict from them."""
        inputs = images.to(self.dtype).sub_(self.shift).div_(self.scale)
        if self.target == "label":
            return inputs, labels
        pixels = inputs.flatten(-3)
        return pixels, pixels

    def _to_lanes(self, by_seed: Tensor, dim: int) -> Tensor:
        """(..., seeds, ...) -> (..., lanes, ...), the seeds in dimension `dim`."""
        if len(self.unique) == len(self.seeds):
            return by_seed
        return by_seed.index_select(dim, self.lane_source)


def _sizes(count: int, batch: int, last_batch: str) -> list[int]:
    """The number of examples in each minibatch of an epoch."""
    full, rest = divmod(count, batch)
    return [batch] * full + ([rest] if rest and last_batch == "keep" else [])


def _padding(augmentation: dict | None) -> tuple[int, str]:
    return (augmentation["pad"], augmentation["padding"]) if augmentation else (0, "zero")


def _normalisation(facts: dict, target: str, dtype, device) -> tuple[Tensor, Tensor]:
    """(shift, scale), each (channels, 1, 1): subtract from uint8 pixels, then divide by it."""
    if target == "input":
        mean, std = [0.0], [1.0]
    else:
        mean, std = facts["mean"], facts["std"]
    shape = (-1, 1, 1)
    shift = 255 * torch.tensor(mean, dtype=torch.float64).view(shape)
    scale = 255 * torch.tensor(std, dtype=torch.float64).view(shape)
    return shift.to(device, dtype), scale.to(device, dtype)
