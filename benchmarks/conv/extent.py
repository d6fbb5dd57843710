"""What convolutions.py measures, and for how long."""

from dataclasses import dataclass

from parts.workloads import Workload

from conv.layers import Layer
from largebatch.training.execution import Execution


@dataclass(frozen=True)
class Extent:
    """The workloads and convolutions to measure.

    works: workloads and their numbers of lanes. layers: how often each occurs. first, others:
    (batch, lanes) of the convolutions measured before and after whole steps.
    """

    works: tuple[tuple[Workload, tuple[int, ...]], ...]
    layers: dict[Layer, int]
    first: tuple[tuple[int, int], ...]
    others: tuple[tuple[int, int], ...]
    compared: int  # steps whose losses are compared
    step_window: float
    layer_window: float
    tiles: int  # at most, for each layer and direction
    execution: type[Execution] = Execution
    broken: frozenset[tuple] = frozenset()  # (layer, direction, tile): not to be run
