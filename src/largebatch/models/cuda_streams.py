"""CUDA streams that the process reuses, as cuBLAS keeps 32 MiB for each that it ever worked on."""

from functools import cache

import torch


@cache
def cuda_streams(purpose: str, device: torch.device, count: int) -> list[torch.cuda.Stream]:
    """The same `count` streams for every pack that asks for this purpose."""
    return [torch.cuda.Stream(device) for _ in range(count)]
