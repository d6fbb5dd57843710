"""Independent work of several lanes, side by side on a GPU."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from largebatch.models.cuda_streams import cuda_streams

Function = Callable[[], tuple[Tensor, ...]]
SideBySide = Callable[[Sequence[Function]], list[tuple[Tensor, ...]]]

STREAMS = 8  # a GPU has no room for more kernels at a time


class Branches:
    """Calls functions on streams of their own, after all earlier work and before all later work.

    In a CUDA graph they become parallel branches. Each lane runs the kernels that it would run
    alone, so its bits do not depend on its company.
    """

    def __init__(self, device: torch.device):
        self.streams = cuda_streams("branches", device, STREAMS)

    def __call__(self, functions: Sequence[Function]) -> list[tuple[Tensor, ...]]:
        if len(functions) == 1:
            return one_after_another(functions)
        here = torch.cuda.current_stream()
        streams = self.streams[: len(functions)]
        for stream in streams:
            stream.wait_stream(here)
        results = []
        for number, function in enumerate(functions):
            with torch.cuda.stream(streams[number % len(streams)]):
                results.append(function())
        for stream in streams:
            here.wait_stream(stream)
        return results


def one_after_another(functions: Sequence[Function]) -> list[tuple[Tensor, ...]]:
    """The twin of `Branches`."""
    return [function() for function in functions]
