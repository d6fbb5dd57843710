"""How the arithmetic of a pack is carried out: settings that change only speed and last bits."""

from dataclasses import dataclass
from importlib.util import find_spec

import torch

from largebatch.errors import UserError

# Where joint convolutions beat branches (docs/kernels.md), and images that fit them in all layers.
MOST_JOINT = 32  # examples of a minibatch
HOPPER = (9, 0)  # an H100's or H200's compute capability
SIDES = (8, 16, 32)  # of images


@dataclass(frozen=True)
class Execution:
    """The settings; the device decides what `auto` means. A run's record holds the outcome.

    kernels: our own Triton kernels, `auto` (on a GPU) or `off`. graphs: steps as CUDA graphs,
    `auto` (on a GPU), `on` (for tests on the CPU: the same code without recording) or `off`.
    convolutions: of several wide ResNets, `grouped` (one convolution with one group per lane),
    `branches` (one convolution per lane, side by side), `joint` (our kernels, all lanes at once)
    or `auto` (grouped on a CPU; on a GPU joint where it was measured to be faster, else branches).
    """

    kernels: str = "auto"
    graphs: str = "auto"
    convolutions: str = "auto"

    def own_kernels(self, device: torch.device) -> bool:
        has_triton = find_spec("triton") is not None  # comes with PyTorch on Linux
        return self.kernels == "auto" and device.type == "cuda" and has_triton

    def graphed(self, device: torch.device) -> bool:
        return self.graphs == "on" or (self.graphs == "auto" and device.type == "cuda")

    def convolved(self, device: torch.device, task: dict, facts: dict, batch: int) -> str:
        """`convolutions`, with `auto` resolved, for `batch` images of the shape in `facts`."""
        if self.convolutions == "joint" and not self.own_kernels(device):
            raise UserError(
                "convolutions: joint are our own kernels, which need a GPU and kernels: auto; set "
                "convolutions: auto in config/config.yaml or --convolutions."
            )
        if self.convolutions != "auto":
            return self.convolutions
        if device.type != "cuda":
            return "grouped"
        suits = task["precision"] == "bf16" and all(side in SIDES for side in facts["shape"][1:])
        fast = batch <= MOST_JOINT and torch.cuda.get_device_capability(device) >= HOPPER
        return "joint" if suits and fast and self.own_kernels(device) else "branches"

    def resolved(self, device: torch.device, task: dict, facts: dict, batch: int) -> dict[str, str]:
        """The settings with each `auto` resolved, for the record of such runs."""
        found = {
            "kernels": "own" if self.own_kernels(device) else "off",
            "graphs": "on" if self.graphed(device) else "off",
        }
        if task["model"]["kind"] == "wrn":
            found["convolutions"] = self.convolved(device, task, facts, batch)
        return found


AUTO = Execution()
