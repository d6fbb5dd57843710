"""How the arithmetic of a pack is carried out: settings that change speed and last bits only."""

from dataclasses import dataclass
from importlib.util import find_spec

import torch


@dataclass(frozen=True)
class Execution:
    """Each `auto` is decided by the device. All of it stands in a run's record.

    kernels: our own Triton kernels, `auto` (on a GPU) or `off`. graphs: steps as CUDA graphs,
    `auto` (on a GPU), `on` (a test on the CPU: the same code without recording) or `off`.
    convolutions of several lanes: `grouped` (one convolution with a group a lane), `branches` (each
    lane its own, side by side), or `auto` (branches on a GPU).
    """

    kernels: str = "auto"
    graphs: str = "auto"
    convolutions: str = "auto"

    def own_kernels(self, device: torch.device) -> bool:
        has_triton = find_spec("triton") is not None  # PyTorch brings it on Linux
        return self.kernels == "auto" and device.type == "cuda" and has_triton

    def graphed(self, device: torch.device) -> bool:
        return self.graphs == "on" or (self.graphs == "auto" and device.type == "cuda")

    def branched(self, device: torch.device) -> bool:
        if self.convolutions == "auto":
            return device.type == "cuda"
        return self.convolutions == "branches"

    def resolved(self, device: torch.device) -> dict[str, str]:
        """For the record."""
        return {
            "kernels": "own" if self.own_kernels(device) else "off",
            "graphs": "on" if self.graphed(device) else "off",
            "convolutions": "branches" if self.branched(device) else "grouped",
        }


AUTO = Execution()
