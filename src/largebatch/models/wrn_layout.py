"""The blocks of a wide residual network, its parameters and their initial values.

WRN-d-k of Zagoruyko & Komodakis (2016), as in the authors' code: a 3x3 convolution to 16 channels,
three stages of (d - 4) / 6 blocks with 16 k, 32 k and 64 k channels, global average pool, linear.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod, sqrt

import torch
from torch import Tensor

from largebatch.models.parameters import Slot

STEM = 16  # channels of the first convolution
GAINS = {"he": 2.0, "lecun": 1.0}  # variance x fan-in


@dataclass(frozen=True)
class ResidualBlock:
    """A block's channels in and out, and the stride of its first convolution and its shortcut."""

    name: str
    inputs: int
    outputs: int
    stride: int

    @property
    def has_shortcut(self) -> bool:
        """Blocks that change the width have a 1x1 convolution as shortcut, others the identity."""
        return self.inputs != self.outputs


def residual_blocks(depth: int, width: int) -> list[ResidualBlock]:
    """The blocks of WRN-depth-width, first to last. Raises ValueError unless depth is 6 n + 4."""
    count, rest = divmod(depth - 4, 6)
    if rest or count < 1:
        raise ValueError(f"depth must be 10, 16, 22, 28, ..., not {depth}")
    blocks, inputs = [], STEM
    for stage, outputs in enumerate((16 * width, 32 * width, 64 * width), start=1):
        for number in range(1, count + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            blocks.append(ResidualBlock(f"stage{stage}.block{number}", inputs, outputs, stride))
            inputs = outputs
    return blocks


def norm_sizes(blocks: list[ResidualBlock]) -> dict[str, int]:
    """Channels of each normalisation layer, by name."""
    sizes = {}
    for block in blocks:
        sizes[f"{block.name}.norm1"] = block.inputs
        sizes[f"{block.name}.norm2"] = block.outputs
    return sizes | {"norm": blocks[-1].outputs}


def parameter_slots(
    blocks: list[ResidualBlock], norms: dict[str, int], channels: int, classes: int
) -> Iterator[Slot]:
    """All parameters of one network for images with `channels` channels.

    Kernels are (out, height, width, in), the order that oneDNN and cuDNN want.
    """
    yield Slot("conv", (STEM, 3, 3, channels))
    for block in blocks:
        yield Slot(f"{block.name}.conv1", (block.outputs, 3, 3, block.inputs))
        yield Slot(f"{block.name}.conv2", (block.outputs, 3, 3, block.outputs))
        if block.has_shortcut:
            yield Slot(f"{block.name}.shortcut", (block.outputs, 1, 1, block.inputs))
    for name, size in norms.items():
        yield Slot(f"{name}.gamma", (size,), decay=False)
        yield Slot(f"{name}.beta", (size,), decay=False)
    yield Slot("linear.weight", (classes, blocks[-1].outputs))
    yield Slot("linear.bias", (classes,), decay=False)


def is_kernel(slot: Slot) -> bool:
    return len(slot.shape) == 4


def initial_value(slot: Slot, init: str, gamma: str, generator: torch.Generator) -> Tensor:
    """The initial value of one parameter, float32.

    Kernels are normal with variance 2 / fan-in (`he`, MSRinit in the WRN code) or 1 / fan-in
    (`lecun`); the linear layer is uniform in +- 1 / sqrt(fan-in), Torch's default; BN scales are 1
    or U(0, 1) (`uniform`, the old Torch's default); shifts and biases are 0.
    """
    if is_kernel(slot):
        deviation = sqrt(GAINS[init] / prod(slot.shape[1:]))
        return torch.randn(slot.shape, generator=generator) * deviation
    if slot.name == "linear.weight":
        return (2 * torch.rand(slot.shape, generator=generator) - 1) / sqrt(slot.shape[1])
    if slot.name.endswith(".gamma"):
        uniform = gamma == "uniform"
        return torch.rand(slot.shape, generator=generator) if uniform else torch.ones(slot.shape)
    return torch.zeros(slot.shape)
