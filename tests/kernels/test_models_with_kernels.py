"""Whole training steps with the kernels in place are the steps without them, to rounding."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from small import dataset, spec

from largebatch.data.load import Dataset
from largebatch.training.execution import Execution
from largebatch.training.pack import Lane, Pack


class Everywhere(Execution):
    """Kernels on a CPU too (Triton's interpreter)."""

    def own_kernels(self, device) -> bool:
        return True


CASES = [("wrn", 16, {}), ("autoencoder", 1, {}), ("autoencoder", 1, {"l2_on": "weights"})]
CASES += [("autoencoder", 16, {"l2_on": "weights"}), ("lstm", 1, {}), ("lstm", 4, {})]
CASES += [("lstm", 1, {"l2": 0})]
BY_TENSOR = {"l2": 0.3, "clip": {"norm": 5.0, "scope": "tensor", "of": "gradient"}}
CASES += [("lstm", batch, BY_TENSOR) for batch in (1, 4)]


RUNS = [("sgd", 0.05, 0), ("momentum-0.9", 0.1, 1)]
STEPS = 2  # velocities and states go from one to the next; the interpreter takes seconds a step
TESTED = 5


def little_tested(data: Dataset) -> Dataset:
    """What is tested before the first epoch takes longer than the steps, word by word."""
    names = "test_images", "test_labels", "test_tokens"
    parts = {name: getattr(data, name) for name in names}
    return replace(data, **{n: part[:TESTED] for n, part in parts.items() if part is not None})


def trained(kind, batch, execution, changes, device, runs=RUNS, steps=STEPS):
    lanes = [Lane(spec(kind, batch, *run, epochs=1, **changes)) for run in runs]
    pack = Pack(lanes, little_tested(dataset(kind)), torch.device(device), execution)
    pack.initialise()
    if kind == "autoencoder":
        assert pack.steps._fused == (type(execution) is Everywhere and batch == 1)
    pack.train_epoch(lambda p: p.step == steps)
    if kind == "lstm":
        padded = [network.padded for network in pack.model._networks.values()]
        assert all(padded) == any(padded) == (type(execution) is Everywhere)
    return [pack.export(lane) for lane in lanes]


@cache
def one_step(execution: Execution, device, precision: str = "bf16", first: int = 0) -> list[dict]:
    """Of the runs from `first` on; few images, since the interpreter is slow in bfloat16."""
    changes = {"precision": precision}
    return trained("wrn", 8, execution, changes, device, RUNS[first:], steps=1)


@pytest.mark.parametrize(("kind", "batch", "changes"), CASES)
def test_a_step_is_the_same_with_kernels(kind, batch, changes, device):
    executions = Everywhere(convolutions="branches"), Execution(kernels="off")
    own, plain = (trained(kind, batch, e, changes, device) for e in executions)
    for one, other in pairs(own, plain):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("convolutions", ["branches", "joint"])
def test_a_step_in_bfloat16_is_as_exact_with_kernels(convolutions, device):
    """Triton's interpreter cuts off what a GPU rounds: half a percent of a variance."""
    own = one_step(Everywhere(convolutions=convolutions), device)
    plain = one_step(Execution(kernels="off"), device)
    exact = one_step(Execution(kernels="off"), device, "fp32")
    for (one, known), (other, _) in zip(pairs(own, exact), pairs(plain, exact), strict=True):
        for name, value in known.items():
            errors = [(found[name] - value).norm() for found in (one, other)]
            assert errors[0] <= 2 * errors[1] + 1e-2 * value.norm(), name


def pairs(own: list[dict], others: list[dict]) -> Iterator[tuple[dict, dict]]:
    """Lanes side by side, without the velocity that kernels do not keep where there is none."""
    for k, both in enumerate(zip(own, others, strict=True)):
        yield tuple({n: v for n, v in lane.items() if k or "velocity" not in n} for lane in both)


def test_joint_convolutions_leave_each_lane_its_bits(device):
    joint = Everywhere(convolutions="joint")
    together = one_step(joint, device)
    alone = one_step(joint, device, first=1)
    assert all(torch.equal(together[1][name], alone[0][name]) for name in alone[0])
