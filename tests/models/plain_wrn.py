"""The reference: one WRN as plain `torch.nn` modules, in the authors' order of operations."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PlainBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int, norm):
        super().__init__()
        self.norm1, self.norm2 = norm(inputs), norm(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        if inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor, mask: Tensor | float) -> Tensor:
        active = F.relu(self.norm1(x))
        y = self.conv2(F.relu(self.norm2(self.conv1(active))) * mask)
        return y + (self.shortcut(active) if hasattr(self, "shortcut") else x)


class PlainWRN(nn.Module):
    """WRN-depth-width in float64."""

    def __init__(self, depth: int, width: int, channels: int, classes: int, norm=nn.BatchNorm2d):
        super().__init__()
        self.conv = nn.Conv2d(channels, 16, 3, padding=1, bias=False)
        inputs, self.blocks = 16, nn.ModuleDict()
        for stage in (1, 2, 3):
            outputs = 16 * width * 2 ** (stage - 1)
            for number in range(1, (depth - 4) // 6 + 1):
                stride = 2 if stage > 1 and number == 1 else 1
                self.blocks[f"stage{stage}/block{number}"] = PlainBlock(
                    inputs, outputs, stride, norm
                )
                inputs = outputs
        self.norm, self.linear = norm(inputs), nn.Linear(inputs, classes)
        self.double()

    def forward(self, x: Tensor, masks: list[Tensor] | None = None) -> Tensor:
        x = self.conv(x)
        for number, block in enumerate(self.blocks.values()):
            x = block(x, masks[number] if masks else 1.0)
        return self.linear(F.relu(self.norm(x)).mean((2, 3)))

    def by_slot(self) -> dict[str, Tensor]:
        """Parameters and running statistics by `WideResNet`'s names."""
        ends = {".running_mean": ".mean", ".running_var": ".var"}
        named = {}
        for name, tensor in [*self.named_parameters(), *self.named_buffers()]:
            name = name.removeprefix("blocks.").replace("/", ".")
            if "norm" in name:
                ends |= {".weight": ".gamma", ".bias": ".beta"}
            elif "linear" not in name:
                name = name.removesuffix(".weight")
            for end, ours in ends.items():
                if "norm" in name and name.endswith(end):
                    name = name.removesuffix(end) + ours
            named[name] = tensor
        return named


def load(plain: PlainWRN, model, lane: int) -> None:
    """Give the reference one lane's weights and statistics."""
    ours = model.parameters.weight | model.state
    with torch.no_grad():
        for name, tensor in plain.by_slot().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(as_torch(ours[name][lane]))


def as_torch(tensor: Tensor) -> Tensor:
    """Kernels (out, height, width, in) as torch's (out, in, height, width)."""
    return tensor.permute(0, 3, 1, 2) if tensor.dim() == 4 else tensor
