"""Calling a function again and again: as a CUDA graph on a GPU, plainly on the CPU.

Every kernel of a small step costs the host several microseconds to launch and the GPU one or two to
run. A graph is recorded once and launched as a whole.
"""

from collections.abc import Callable

import torch
from torch import Tensor

# Calls before the recording. They are as good as any other; in them libraries and models make what
# they make once (handles, workspaces, buffers), which a graph must find in place.
WARM_UP = 2

Call = Callable[..., None]
Play = Callable[..., None]  # (function, *inputs)


def plainly(function: Call, *inputs: Tensor) -> None:
    """The twin of a `Recorder`: call the function."""
    function(*inputs)


class Recorder:
    """Calls functions; on a GPU it records the third call of each and replays it from then on.

    A function takes tensors, returns nothing, and leaves what it computes in memory that stays
    where it is. Whatever else it reads (weights, a counter, a learning rate) must be in such memory
    too; nothing in it may wait for the device. Inputs are copied to a fixed place before each call.
    One recording for each function and shapes of inputs.
    """

    def __init__(self):
        self._recorded: dict[tuple, _Recorded] = {}

    def __call__(self, function: Call, *inputs: Tensor) -> None:
        key = (function, *(tuple(tensor.shape) for tensor in inputs))
        if key not in self._recorded:
            self._recorded[key] = _Recorded(function, inputs)
        self._recorded[key](*inputs)


class _Recorded:
    def __init__(self, function: Call, inputs: tuple[Tensor, ...]):
        self.function = function
        self.inputs = [tensor.clone() for tensor in inputs]
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, *inputs: Tensor) -> None:
        for place, tensor in zip(self.inputs, inputs, strict=True):
            place.copy_(tensor)
        if self.calls < WARM_UP:
            self.function(*self.inputs)
            self.calls += 1
            return
        if self.graph is None:
            self.graph = _record(self.function, self.inputs)
        self.graph.replay()


def _record(function: Call, inputs: list[Tensor]) -> torch.cuda.CUDAGraph:
    """Recording runs nothing: the caller's first replay is the call."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function(*inputs)
    return graph
