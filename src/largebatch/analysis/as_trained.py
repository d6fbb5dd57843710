"""How a stored run was computed, so that it can be computed that way again."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from largebatch.training.execution import Execution

CONVOLUTIONS = ("grouped", "branches", "joint")


def execution_of(facts: dict) -> Execution:
    """The execution settings that reproduce what the facts of a run's record describe."""
    found = facts.get("execution", {})
    kernels = "off" if found.get("kernels") == "off" else "auto"
    convolutions = found.get("convolutions")
    return Execution(kernels, convolutions=convolutions if convolutions in CONVOLUTIONS else "auto")


@contextmanager
def denormals_as_before() -> Iterator[None]:
    """Flush denormals afterwards only if they were flushed before; training flushes them.

    See `training.device.set_up`. PyTorch does not tell whether it flushes, so it is tried.
    """
    flushed = bool(torch.tensor(1e-310, dtype=torch.float64) * 0.5 == 0)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushed)
