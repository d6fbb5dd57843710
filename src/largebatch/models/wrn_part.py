"""Some lanes of a wide ResNet, computed together: forward, and backward by autograd."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from largebatch.models.lane_model import Batch
from largebatch.models.lane_ops import convolve, copy_rows_, interleave
from largebatch.models.streams import keep_mask
from largebatch.models.wrn_head import NAMES as OF_HEADS
from largebatch.models.wrn_head import Heads
from largebatch.models.wrn_layout import STEM, is_kernel

if TYPE_CHECKING:
    from largebatch.models.wrn import WideResNet


class Part:
    """Some lanes of a `WideResNet`: its tensors as the layers want them, lanes within channels.

    joint: one convolution of all lanes, by our kernel where it suits. Whatever PyTorch computes by
    the number of lanes (the heads) is then a lane's own: a lane's bits do not depend on the others.
    """

    def __init__(self, model: "WideResNet", lanes: slice, joint: bool = False):
        self.model, self.lanes, self.joint = model, lanes, joint
        self.count = lanes.stop - lanes.start
        self.weight: dict[str, Tensor] = {}
        self.gradients: list[Tensor] = []
        self.masters: list[Tensor] = []  # float32 kernels whose `copies` the convolutions see
        self.copies: list[Tensor] = []
        for slot in model.parameters.slots:
            if slot.name in OF_HEADS:
                continue
            held = model.parameters.weight[slot.name][lanes]
            if is_kernel(slot) and held.dtype != model.compute:
                self.masters.append(held.view(-1))
                held = torch.zeros_like(held, dtype=model.compute)
                self.copies.append(held.view(-1))
            self.weight[slot.name] = _in_channels(held).detach().requires_grad_()
            self.gradients.append(model.parameters.gradient[slot.name][lanes].view(-1))
        self.state = {name: value[lanes].view(-1) for name, value in model.state.items()}
        self.heads = Heads(model, lanes, apart=joint)

    @torch.enable_grad()
    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Fill the model's gradients; mean cross-entropy and accuracy, (lanes,)."""
        features = self._features(interleave(batch.inputs[self.lanes]), batch.key[self.lanes])
        loss, accuracy, slope = self.heads.gradient(features, batch.targets[self.lanes])
        gradients = torch.autograd.grad(features, list(self.weight.values()), slope)
        copy_rows_(self.gradients, gradients)
        return loss, accuracy

    @torch.no_grad()
    def evaluate(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sums over the examples of loss and of correct answers, (lanes,) float64."""
        features = self._features(interleave(images.expand(self.count, *images.shape)), None)
        return self.heads.sums(features, labels)

    def _features(self, x: Tensor, key: Tensor | None) -> Tensor:
        """The last feature map; in training with the dropout key of each lane."""
        copy_rows_(self.copies, self.masters)
        x = x.to(self.model.compute, memory_format=torch.channels_last)
        x, shortcut = self._convolve("conv", x), None  # the sum of the two is yet to be taken
        for number, block in enumerate(self.model.blocks):
            active, x = self._activate(f"{block.name}.norm1", x, key, shortcut)
            y = self._convolve(f"{block.name}.conv1", active, block.stride)
            y, _ = self._activate(f"{block.name}.norm2", y, key)
            y = self._convolve(f"{block.name}.conv2", self._drop(y, key, number))
            # From the same pre-activation, if the width changes.
            shortcut = (
                self._convolve(f"{block.name}.shortcut", active, block.stride)
                if block.has_shortcut
                else x
            )
            x = y
        x, _ = self._activate("norm", x, key, shortcut)
        return x

    def _convolve(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = self.weight[name]
        if self._ours(weight):
            from largebatch.kernels.lane_conv import lane_convolve, suits

            if suits(x, weight, self.count, stride):
                return lane_convolve(x, weight, self.count, stride)
        return convolve(x, weight, self.count, stride)

    def _ours(self, weight: Tensor) -> bool:
        """Of a lane by itself, what cuDNN is slow at: few channels, and shortcuts (docs/gpu.md)."""
        _, inputs, size, _ = weight.shape
        alone = self.count == 1 and self.model.own_kernels
        return self.joint or (alone and (inputs <= STEM or size == 1))

    def _activate(
        self, name: str, x: Tensor, key: Tensor | None, shortcut: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """BN and ReLU of x + shortcut, and that sum."""
        if f"{name}.gamma" in self.weight and key is not None and self.model.norm_relu is not None:
            return self._fused(name, x, shortcut)
        if shortcut is not None:
            x = x.add_(shortcut)
        if f"{name}.gamma" not in self.weight:
            return x.relu(), x
        normalise = self.model.batch_norm.test if key is None else self.model.batch_norm.train
        parameters = self.weight[f"{name}.gamma"], self.weight[f"{name}.beta"]
        return normalise(x, *parameters, *self._statistics(name)).relu_(), x

    def _fused(self, name: str, x: Tensor, shortcut: Tensor | None) -> tuple[Tensor, Tensor]:
        norm, weight = self.model.batch_norm, self.weight
        parameters = weight[f"{name}.gamma"], weight[f"{name}.beta"]
        how = norm.momentum, norm.epsilon, self.count
        return self.model.norm_relu(x, shortcut, *parameters, *self._statistics(name), *how)

    def _statistics(self, name: str) -> tuple[Tensor, Tensor]:
        return self.state[f"{name}.mean"], self.state[f"{name}.var"]

    def _drop(self, x: Tensor, key: Tensor | None, number: int) -> Tensor:
        """Dropout inside block `number`, in training."""
        if key is None or self.model.dropout == 0:
            return x
        # The hash steps by an odd number, so keys that differ by a multiple of 2^40 need 2^40 steps
        # to meet: each block draws its own numbers.
        batch, channels, height, width = x.shape
        shape = (batch, channels // self.count, height, width)
        mask = keep_mask(key + (number << 40), shape, self.model.dropout, x.dtype)
        return x * interleave(mask)


def _in_channels(tensor: Tensor) -> Tensor:
    """A view of (lanes, out, ...) as (lanes * out, ...), kernels as (lanes * out, in, k, k)."""
    flat = tensor.view(-1, *tensor.shape[2:])
    return flat.permute(0, 3, 1, 2) if flat.dim() == 4 else flat
