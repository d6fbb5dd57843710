"""Calling a function again and again, as a CUDA graph on a GPU and plainly on the CPU.

Every kernel of a small step costs the host several microseconds to launch, and the GPU one or two
to run. A graph is recorded once and launched as a whole.
"""

import gc
from collections.abc import Callable
from contextlib import contextmanager

import torch
from torch import Tensor

from largebatch.models.cuda_streams import cuda_streams

# Calls before the recording. They compute like any other call; in them libraries and models make
# what they make only once (handles, workspaces, buffers), which must exist before a graph does.
WARM_UP = 2

Call = Callable[..., None]
Play = Callable[..., None]  # (function, *inputs)


def plainly(function: Call, *inputs: Tensor) -> None:
    """The twin of a `Recorder`: call the function."""
    function(*inputs)


class Recorder:
    """Calls functions on a GPU; records the third call of each and replays it from then on.

    A function takes tensors, returns nothing, and leaves what it computes in memory that stays
    where it is. Whatever else it reads (weights, a counter, a learning rate) must also be in such
    memory, and nothing in it may wait for the device. Inputs are copied to a fixed place before
    each call. There is one recording per function and shapes of inputs. The calls before it run on
    the recording stream, so that what libraries keep per stream exists (PyTorch's notes on CUDA
    graphs).
    """

    def __init__(self, device: torch.device):
        self._recorded: dict[tuple, _Recorded] = {}
        (self._stream,) = cuda_streams("recording", device, 1)

    def __call__(self, function: Call, *inputs: Tensor) -> None:
        key = (function, *(tuple(tensor.shape) for tensor in inputs))
        if key not in self._recorded:
            self._recorded[key] = _Recorded(function, inputs, self._stream)
        self._recorded[key](*inputs)


class _Recorded:
    def __init__(self, function: Call, inputs: tuple[Tensor, ...], stream: torch.cuda.Stream):
        self.function, self.stream = function, stream
        self.inputs = [tensor.clone() for tensor in inputs]
        self.calls = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, *inputs: Tensor) -> None:
        for place, tensor in zip(self.inputs, inputs, strict=True):
            place.copy_(tensor)
        if self.calls < WARM_UP:
            self._call_aside()
            self.calls += 1
            return
        if self.graph is None:
            self.graph = _record(self.function, self.inputs, self.stream)
        self.graph.replay()

    def _call_aside(self) -> None:
        here = torch.cuda.current_stream()
        self.stream.wait_stream(here)
        with torch.cuda.stream(self.stream):
            self.function(*self.inputs)
        here.wait_stream(self.stream)


def _record(
    function: Call, inputs: list[Tensor], stream: torch.cuda.Stream
) -> torch.cuda.CUDAGraph:
    """Record a call without running it; the caller's first replay runs it."""
    graph = torch.cuda.CUDAGraph()
    try:
        with _nothing_collected(), torch.cuda.graph(graph, stream=stream):
            function(*inputs)
    except RuntimeError as error:
        # If a recording runs out of memory, ending it may fail too, which would hide the reason.
        if isinstance(error.__context__, torch.OutOfMemoryError):
            raise error.__context__ from None
        raise
    return graph


@contextmanager
def _nothing_collected():
    """Stop the collector: freeing an older pack's graph would break a recording."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
