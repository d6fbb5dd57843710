"""Whole training steps, as the models are and with the candidate's convolutions."""

import time
import traceback
from collections.abc import Iterator
from contextlib import nullcontext

import torch
from clock import forget, peak_gib, seconds_a_call
from gpu import lanes_of, next_step
from workloads import Workload

from candidates.in_model import lane_convolutions
from largebatch.training.execution import Execution

CONTENDERS = {  # execution, and what is put in
    "models": (Execution(), nullcontext),
    "candidate": (Execution(convolutions="grouped"), lane_convolutions),
}


def groups(extent, device: torch.device, until: float, failures: list[str]) -> Iterator[list[dict]]:
    """A group is a workload and a number of lanes."""
    for work, widths in extent.works:
        data = work.data()
        for lanes in widths:
            if time.perf_counter() > until:
                print(f"{work.name}, {lanes} lanes: no time left for whole steps")
            elif rows := list(_rows(work, data, lanes, extent, device, failures)):
                yield rows


def _rows(
    work: Workload, data, lanes: int, extent, device: torch.device, failures: list[str]
) -> Iterator[dict]:
    of_models = None
    for name in CONTENDERS:
        try:
            seconds, losses, gib = _measure(work, data, lanes, name, extent, device)
        except Exception as error:  # one contender's fault is not the others'
            failures.append(f"{work.name}, {lanes} lanes, {name}: failed: {error!r}")
            traceback.print_exc()
            continue
        of_models = losses if of_models is None else of_models
        yield {
            "workload": work.name,
            "lanes": lanes,
            "contender": name,
            "us a run-step": 1e6 * seconds / lanes,
            "apart": ((losses - of_models).abs() / of_models.abs()).max().item(),
            "GiB": gib,
        }


def _measure(
    work: Workload, data, lanes: int, name: str, extent, device: torch.device
) -> tuple[float, torch.Tensor, float | None]:
    """Seconds a step, the first losses' sums (lanes,), memory."""
    execution, put_in = CONTENDERS[name]
    forget(device)
    with put_in():
        steps = lanes_of(work, "bf16", data, lanes, execution, device)
        step = next_step(steps)
        for _ in range(extent.compared):
            step()
        losses = steps.loss_sum.clone()
        return seconds_a_call(step, device, extent.step_window), losses, peak_gib(device)
