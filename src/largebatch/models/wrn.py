"""Wide residual networks (Zagoruyko & Komodakis, 2016), several of them side by side."""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor

from largebatch.models.batch_norm import BatchNorm
from largebatch.models.branches import Branches, one_after_another
from largebatch.models.lane_model import Batch
from largebatch.models.lane_ops import (
    classify,
    convolve,
    copy_rows_,
    cross_entropy,
    interleave,
    together,
)
from largebatch.models.parameters import Parameters
from largebatch.models.replay import Play, plainly
from largebatch.models.streams import keep_mask
from largebatch.models.wrn_layout import (
    initial_value,
    is_kernel,
    norm_sizes,
    parameter_slots,
    residual_blocks,
)


class WideResNet:
    """`lanes` WRNs of one shape; a `LaneModel`. A lane's bits are its own from two lanes on.

    settings: {depth, width, normalization: batch | none, init: he | lecun, gamma: ones | uniform}
    and, if wanted, {dropout: 0, ghost_batch: None, bn_momentum: 0.1, bn_epsilon: 1e-5}.
    facts: {shape: [channels, height, width], classes} of the images.

    compute: what activations are held in (bfloat16 beside float32 weights); `dtype` if None.
    branched: each lane has convolutions of its own, side by side on a GPU; else the lanes are
    groups of common ones. own_kernels: batch norm and ReLU in one Triton kernel, and the gradients
    of convolutions of few channels, where a lane has its own.

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
        branched: bool = False,
        own_kernels: bool = False,
    ):
        self.init, self.gamma = settings["init"], settings["gamma"]
        self.dropout = settings.get("dropout", 0)
        self.batch_norm = BatchNorm(
            settings.get("bn_momentum", 0.1),
            settings.get("bn_epsilon", 1e-5),
            settings.get("ghost_batch"),
        )
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
        self.compute = compute or dtype
        self._branched = branched
        on_gpu = torch.device(device).type == "cuda"
        self._side_by_side = Branches(torch.device(device)) if on_gpu else one_after_another
        self.own_kernels = own_kernels
        whole = self.batch_norm.ghost is None  # ghosts are normalised by PyTorch
        self.norm_relu = _fused_norm_relu() if own_kernels and whole else None
        self._test_sums = torch.zeros(2, lanes, dtype=torch.float64, device=device)
        self._parts: dict[int, list[_Part]] = {}

    def initialise(self, lane: int, generator: torch.Generator) -> None:
        """Draw one lane's weights and forget its running statistics."""
        for slot in self.parameters.slots:
            value = initial_value(slot, self.init, self.gamma, generator)
            self.parameters.weight[slot.name][lane] = value
        for name, statistic in self.state.items():
            statistic[lane] = 1 if name.endswith(".var") else 0

    def start_epoch(self) -> None:
        """Nothing is carried from batch to batch but the running statistics."""

    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Fill ``parameters.gradient``; mean cross-entropy and accuracy of the minibatch."""
        parts = self._parts_for(batch.inputs.shape[1])
        results = self._side_by_side([partial(part.gradient, batch) for part in parts])
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
        parts = self._parts_for(len(labels))
        results = self._side_by_side([partial(part.evaluate, images, labels) for part in parts])
        for sums, of_parts in zip(self._test_sums, zip(*results, strict=True), strict=True):
            sums.add_(torch.cat(of_parts))

    def _parts_for(self, examples: int) -> list["_Part"]:
        """The lanes in parts that suit the cache at this minibatch's size."""
        if examples not in self._parts:
            lanes = self._division(examples * self._map_size)
            self._parts[examples] = [_Part(self, part) for part in lanes]
        return self._parts[examples]

    def _division(self, map_size: int) -> list[slice]:
        """Which lanes to compute at one time."""
        lanes = self.parameters.lanes
        if self._branched:
            return [slice(lane, lane + 1) for lane in range(lanes)]
        if self._test_sums.device.type == "cuda":  # no cache to suit
            return [slice(0, lanes)]
        return together(lanes, map_size)


class _Part:
    """Some lanes of a `WideResNet`: its tensors as the layers want them, lanes within channels."""

    def __init__(self, model: WideResNet, lanes: slice):
        self.model, self.lanes = model, lanes
        self.count = lanes.stop - lanes.start
        self.weight: dict[str, Tensor] = {}
        self.gradients: list[Tensor] = []
        self.masters: list[Tensor] = []  # float32 kernels whose `copies` the convolutions see
        self.copies: list[Tensor] = []
        for slot in model.parameters.slots:
            held = model.parameters.weight[slot.name][lanes]
            if is_kernel(slot) and held.dtype != model.compute:
                self.masters.append(held.view(-1))
                held = torch.zeros_like(held, dtype=model.compute)
                self.copies.append(held.view(-1))
            view = _as_is if slot.name.startswith("linear") else _in_channels
            self.weight[slot.name] = view(held).detach().requires_grad_()
            self.gradients.append(model.parameters.gradient[slot.name][lanes].view(-1))
        self.state = {name: value[lanes].view(-1) for name, value in model.state.items()}

    @torch.enable_grad()
    def gradient(self, batch: Batch) -> tuple[Tensor, Tensor]:
        logits = self._logits(interleave(batch.inputs[self.lanes]), batch.key[self.lanes])
        losses, correct = cross_entropy(logits, batch.targets[self.lanes])
        loss = losses.mean(1)
        # The lanes share no weight, so the sum's gradient is each lane's own.
        copy_rows_(self.gradients, torch.autograd.grad(loss.sum(), list(self.weight.values())))
        return loss.detach(), correct.to(loss.dtype).mean(1)

    @torch.no_grad()
    def evaluate(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sums over the examples of loss and of correct answers, (lanes,) float64."""
        logits = self._logits(interleave(images.expand(self.count, *images.shape)), None)
        losses, correct = cross_entropy(logits, labels.expand(self.count, -1))
        return losses.double().sum(1), correct.double().sum(1)

    def _logits(self, x: Tensor, key: Tensor | None) -> Tensor:
        """(lanes, batch, classes); in training with the dropout key of each lane."""
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
        return classify(
            x.to(self.weight["linear.bias"].dtype),
            self.weight["linear.weight"],
            self.weight["linear.bias"],
        )

    def _convolve(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = self.weight[name]
        if self.count == 1 and self.model.own_kernels:
            from largebatch.kernels.thin_conv import suits, thin_convolve

            if suits(x, weight, stride):
                return thin_convolve(x, weight)
        return convolve(x, weight, self.count, stride)

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
        rates = norm.momentum, norm.epsilon
        return self.model.norm_relu(x, shortcut, *parameters, *self._statistics(name), *rates)

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


def _fused_norm_relu():
    """Imported where it is used: Triton is not everywhere."""
    from largebatch.kernels.norm_relu import norm_relu

    return norm_relu


def _in_channels(tensor: Tensor) -> Tensor:
    """A view of (lanes, out, ...) as (lanes * out, ...), kernels as (lanes * out, in, k, k)."""
    flat = tensor.view(-1, *tensor.shape[2:])
    return flat.permute(0, 3, 1, 2) if flat.dim() == 4 else flat


def _as_is(tensor: Tensor) -> Tensor:
    return tensor
