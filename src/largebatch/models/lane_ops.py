"""Layers of several convolutional networks at once: the lanes lie side by side in the channels.

Feature maps are (batch, lanes * channels, height, width), lane by lane within the channels, in
memory order channels_last; one convolution with `lanes` groups serves all lanes (as in HFTA,
arXiv:2102.02344, section 3). On the CPU this is oneDNN's fastest layout, and a lane's bits do not
depend on the number of lanes if there are at least two and channels come in multiples of 16. (One
lane is one group, which has other kernels.)
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

# Numbers in the widest feature map of the lanes that are computed at a time (2 MiB of float32).
# More would fall out of the cache, fewer would waste it. Measured with WRN-10-1 on 8x8 images and
# 20 lanes, in run-steps per CPU-second with 2 / 4 / 10 / 20 lanes at a time:
# batch 16: 820 / 1086 / 1213 / 1192, batch 32: 549 / 631 / 630 / 628,
# batch 128: 171 / 171 / 174 / 153, batch 256: 101 / 97 / 89 / 78.
MAP_AT_ONCE = 2**19


def together(lanes: int, map_size: int) -> list[slice]:
    """The lanes to compute at a time, in even parts; map_size: numbers in a lane's widest map.

    No part is a single lane unless there is only one, so no lane's bits depend on the division.
    """
    at_once = max(2, MAP_AT_ONCE // map_size)
    parts = max(1, min(-(-lanes // at_once), lanes // 2))
    return [slice(lanes * i // parts, lanes * (i + 1) // parts) for i in range(parts)]


def interleave(inputs: Tensor) -> Tensor:
    """(lanes, batch, channels, height, width) -> (batch, lanes * channels, height, width)."""
    return inputs.permute(1, 3, 4, 0, 2).flatten(3).permute(0, 3, 1, 2)  # one copy


def convolve(x: Tensor, weight: Tensor, lanes: int, stride: int = 1) -> Tensor:
    """Convolve each lane with its own k x k kernels, padded by k // 2.

    weight: (lanes * out, in, k, k), best in memory order channels_last.
    """
    size = weight.shape[2]
    on_cpu = x.device.type == "cpu"
    if on_cpu and size == 1 and stride > 1:  # oneDNN's gradient of this is 3 times slower
        x, stride = F.avg_pool2d(x, 1, stride), 1  # = x[:, :, ::stride, ::stride]
    return F.conv2d(x, weight, stride=stride, padding=size // 2, groups=lanes)


def classify(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Global average pool and linear layer: logits (lanes, batch, classes).

    weight: (lanes, classes, channels); bias: (lanes, classes).
    """
    lanes, _, channels = weight.shape
    features = x.mean((2, 3)).unflatten(1, (lanes, channels)).transpose(0, 1)
    return torch.baddbmm(bias.unsqueeze(1), features, weight.mT)


def cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(loss, whether the likeliest class is the target) of each example, both (lanes, batch)."""
    log_probability = torch.log_softmax(logits, -1)
    # Not gather: in deterministic mode its gradient may copy from the host, which no graph records.
    loss = F.nll_loss(log_probability.flatten(0, -2), targets.flatten(), reduction="none")
    return loss.view_as(targets), logits.argmax(-1) == targets


@torch.no_grad()
def copy_rows_(rows: Sequence[Tensor], tensors: Sequence[Tensor]) -> None:
    """Copy each tensor (kernels in memory order channels_last) into a row (numbers,) of its own.

    All tensors of one dtype take one launch; for that, PyTorch wants rows with the same strides.
    """
    for dtype in {tensor.dtype for tensor in tensors}:
        pairs = [pair for pair in zip(rows, tensors, strict=True) if pair[1].dtype == dtype]
        torch._foreach_copy_([row for row, _ in pairs], [_as_row(tensor) for _, tensor in pairs])


def _as_row(tensor: Tensor) -> Tensor:
    return (tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor).reshape(-1)
