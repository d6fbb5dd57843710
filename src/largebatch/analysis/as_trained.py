"""How a stored run was computed, to compute it so again."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from largebatch.training.execution import Execution

CONVOLUTIONS = ("grouped", "branches", "joint")


def execution_of(facts: dict) -> Execution:
    """The settings that come out as the facts of a run's record say."""
    found = facts.get("execution", {})
    kernels = "off" if found.get("kernels") == "off" else "auto"
    convolutions = found.get("convolutions")
    return Execution(kernels, convolutions=convolutions if convolutions in CONVOLUTIONS else "auto")


@contextmanager
def denormals_again() -> Iterator[None]:
    """Training flushes them (`training.device.set_up`); who computes afterwards has them."""
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
