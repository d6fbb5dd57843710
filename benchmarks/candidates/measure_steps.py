"""Whole training steps, as the models are and with the candidate's convolutions."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import torch
from clock import forget, peak_gib, seconds_a_call
from gpu import lanes_of, next_step
from workloads import Workload

from candidates.calls import tiles
from candidates.in_model import lane_convolutions
from candidates.lane_conv_tiles import Shape, Tiles, own_tiles
from largebatch.training.execution import Execution

Best = dict[Shape, Tiles]  # of shapes of one lane


def groups(
    extent, best: Best, device: torch.device, until: float, failures: list[str]
) -> Iterator[list[dict]]:
    """A group is a workload and a number of lanes. best: where it knows the batch, it is tried.

    What is broken is not put into a model: a fault on the GPU would end all that comes after it.
    """
    broken = any(tiles(layer, direction)[0] == tile for layer, direction, tile in extent.broken)
    for work, widths in extent.works:
        contenders = _contenders({s: known for s, known in best.items() if s.batch == work.batch})
        if broken:
            del contenders["candidate"]
        data = work.data()
        for lanes in widths:
            if time.perf_counter() > until:
                print(f"{work.name}, {lanes} lanes: no time left for whole steps")
            elif rows := list(_rows(work, data, lanes, contenders, extent, device, failures)):
                yield rows


def _contenders(best: Best) -> dict[str, tuple[Execution, Callable]]:
    """How a step is carried out, and what is put into the models meanwhile."""
    grouped = Execution(convolutions="grouped")
    found = {"models": (Execution(), nullcontext), "candidate": (grouped, lane_convolutions)}
    if best:
        found["candidate, best tiles"] = grouped, partial(lane_convolutions, partial(_best, best))
    return found


def _best(best: Best, shape: Shape) -> Tiles:
    return best.get(replace(shape, lanes=1), own_tiles(shape))


def _rows(
    work: Workload, data, lanes: int, contenders: dict, extent, device, failures: list[str]
) -> Iterator[dict]:
    of_models = None
    for name, how in contenders.items():
        try:
            seconds, losses, gib = _measure(work, data, lanes, how, extent, device)
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
    work: Workload, data, lanes: int, how: tuple, extent, device: torch.device
) -> tuple[float, torch.Tensor, float | None]:
    """Seconds a step, the first losses' sums (lanes,), memory."""
    execution, put_in = how
    forget(device)
    with put_in():
        steps = lanes_of(work, "bf16", data, lanes, execution, device)
        step = next_step(steps)
        for _ in range(extent.compared):
            step()
        losses = steps.loss_sum.clone()
        return seconds_a_call(step, device, extent.step_window), losses, peak_gib(device)
