"""Whole training steps of wide ResNets in bf16, with convolutions in branches and joint."""

import time
from collections.abc import Iterator

import torch
from parts.clock import forget, peak_gib, seconds_a_call
from parts.failures import failed
from parts.own import lanes_of, next_step
from parts.workloads import Workload

from conv.extent import Extent
from largebatch.training.execution import Execution

CONTENDERS = ("branches", "joint")


def groups(
    extent: Extent, device: torch.device, until: float, failures: list[str]
) -> Iterator[list[dict]]:
    """One group of rows per workload and number of lanes."""
    for work, widths in extent.works:
        data = work.data(device)
        for lanes in widths:
            if time.perf_counter() > until:
                print(f"{work.name}, {lanes} lanes: no time left for whole steps")
            elif rows := list(_rows(work, data, lanes, extent, device, failures)):
                yield rows


def _rows(
    work: Workload, data, lanes: int, extent: Extent, device: torch.device, failures: list[str]
) -> Iterator[dict]:
    of_branches = None
    for name in CONTENDERS:
        try:
            execution = extent.execution(convolutions=name)
            seconds, losses, gib = _measure(work, data, lanes, execution, extent, device)
        except Exception as error:  # one contender's failure must not stop the others
            failures.append(f"{work.name}, {lanes} lanes, {name}: {failed(error)}")
            continue
        of_branches = losses if of_branches is None else of_branches
        yield {
            "workload": work.name,
            "lanes": lanes,
            "contender": name,
            "us a run-step": 1e6 * seconds / lanes,
            "apart": ((losses - of_branches).abs() / of_branches.abs()).max().item(),
            "GiB": gib,
        }


def _measure(
    work: Workload, data, lanes: int, execution: Execution, extent: Extent, device: torch.device
) -> tuple[float, torch.Tensor, float | None]:
    """Seconds per step, the sums of the first losses (lanes,), peak memory in GiB."""
    forget(device)
    steps = lanes_of(work, "bf16", data, lanes, execution, device)
    step = next_step(steps)
    for _ in range(extent.compared):
        step()
    losses = steps.loss_sum.clone()
    return seconds_a_call(step, device, extent.step_window), losses, peak_gib(device)
