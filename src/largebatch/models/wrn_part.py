"""Some lanes of a wide ResNet, computed together: forward, and backward by autograd."""

from dataclasses import dataclass

import torch
from torch import Tensor

from largebatch.models.batch_norm import BatchNorm
from largebatch.models.branches import SideBySide
from largebatch.models.lane_model import Batch
from largebatch.models.lane_ops import convolve, copy_rows_, interleave
from largebatch.models.parameters import Parameters
from largebatch.models.streams import keep_mask
from largebatch.models.wrn_head import NAMES as OF_HEADS
from largebatch.models.wrn_head import Heads
from largebatch.models.wrn_layout import STEM, ResidualBlock, is_kernel


@dataclass(frozen=True)
class Network:
    """What the parts of a wide ResNet have in common; see the arguments of `WideResNet`."""

    blocks: list[ResidualBlock]
    parameters: Parameters
    state: dict[str, Tensor]
    batch_norm: BatchNorm
    dropout: float
    compute: torch.dtype
    own_kernels: bool
    side_by_side: SideBySide


class Part:
    """Some lanes of a network, with tensors as the layers want them, lanes within channels.

    joint: one convolution for all lanes, by our kernel where it suits. What PyTorch computes
    differently for other numbers of lanes (the heads) is then done lane by lane, so that a lane's
    bits do not depend on the others.
    """

    def __init__(self, network: Network, lanes: slice, joint: bool = False):
        self.network, self.lanes, self.joint = network, lanes, joint
        self.count = lanes.stop - lanes.start
        self.weight: dict[str, Tensor] = {}
        self.gradients: list[Tensor] = []
        self.masters: list[Tensor] = []  # float32 kernels whose `copies` the convolutions see
        self.copies: list[Tensor] = []
        for slot in network.parameters.slots:
            if slot.name in OF_HEADS:
                continue
            held = network.parameters.weight[slot.name][lanes]
            if is_kernel(slot) and held.dtype != network.compute:
                self.masters.append(held.view(-1))
                held = torch.zeros_like(held, dtype=network.compute)
                self.copies.append(held.view(-1))
            self.weight[slot.name] = _in_channels(held).detach().requires_grad_()
            self.gradients.append(network.parameters.gradient[slot.name][lanes].view(-1))
        self.state = {name: value[lanes].view(-1) for name, value in network.state.items()}
        self.heads = Heads(network.parameters, lanes, joint, network.side_by_side)

    @torch.enable_grad()
    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Fill the model's gradients; return mean cross-entropy and accuracy, (lanes,)."""
        features = self._features(interleave(batch.inputs[self.lanes]), batch.key[self.lanes])
        loss, accuracy, slope = self.heads.gradient(features, batch.targets[self.lanes])
        gradients = torch.autograd.grad(features, list(self.weight.values()), slope)
        copy_rows_(self.gradients, gradients)
        return loss, accuracy

    @torch.no_grad()
    def evaluate(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sums of loss and of correct answers over the examples, (lanes,) float64."""
        features = self._features(interleave(images.expand(self.count, *images.shape)), None)
        return self.heads.sums(features, labels)

    def _features(self, x: Tensor, key: Tensor | None) -> Tensor:
        """The last feature map. key: each lane's dropout key in training, None in tests."""
        copy_rows_(self.copies, self.masters)
        x = x.to(self.network.compute, memory_format=torch.channels_last)
        x, shortcut = self._convolve("conv", x), None  # the sum of the two is yet to be taken
        for number, block in enumerate(self.network.blocks):
            active, x = self._activate(f"{block.name}.norm1", x, key, shortcut)
            y = self._convolve(f"{block.name}.conv1", active, block.stride)
            y, _ = self._activate(f"{block.name}.norm2", y, key)
            y = self._convolve(f"{block.name}.conv2", self._drop(y, key, number))
            # If the width changes, the shortcut starts from the same pre-activation.
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
        """Joint convolutions, and for single lanes those cuDNN is slow at (docs/kernels.md)."""
        _, inputs, size, _ = weight.shape
        alone = self.count == 1 and self.network.own_kernels
        return self.joint or (alone and (inputs <= STEM or size == 1))

    def _activate(
        self, name: str, x: Tensor, key: Tensor | None, shortcut: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """ReLU(BN(x + shortcut)), without BN if the network has none, and x + shortcut."""
        norm, has_norm = self.network.batch_norm, f"{name}.gamma" in self.weight
        if has_norm and key is not None and self.network.own_kernels and norm.ghost is None:
            from largebatch.kernels.norm_relu import norm_relu  # Triton is not everywhere

            how = norm.momentum, norm.epsilon, self.count
            return norm_relu(x, shortcut, *self._norm(name), *how)
        if shortcut is not None:
            x = x.add_(shortcut)
        if not has_norm:
            return x.relu(), x
        normalise = norm.test if key is None else norm.train
        return normalise(x, *self._norm(name)).relu_(), x

    def _norm(self, name: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """A layer's gamma, beta, running mean and running variance."""
        parameters = self.weight[f"{name}.gamma"], self.weight[f"{name}.beta"]
        return *parameters, self.state[f"{name}.mean"], self.state[f"{name}.var"]

    def _drop(self, x: Tensor, key: Tensor | None, number: int) -> Tensor:
        """Apply dropout inside block `number`, in training."""
        if key is None or self.network.dropout == 0:
            return x
        # The hash steps by an odd number, so sequences whose keys differ by a multiple of 2^40 meet
        # only after 2^40 steps: each block draws its own numbers.
        batch, channels, height, width = x.shape
        shape = (batch, channels // self.count, height, width)
        mask = keep_mask(key + (number << 40), shape, self.network.dropout, x.dtype)
        return x * interleave(mask)


def _in_channels(tensor: Tensor) -> Tensor:
    """A view of (lanes, out, ...) as (lanes * out, ...), kernels as (lanes * out, in, k, k)."""
    flat = tensor.view(-1, *tensor.shape[2:])
    return flat.permute(0, 3, 1, 2) if flat.dim() == 4 else flat
