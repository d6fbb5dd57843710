"""Whole training steps with the kernels in place are the steps without them, to rounding."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from small import dataset, spec

from largebatch.training.execution import Execution
from largebatch.training.pack import Lane, Pack


class Everywhere(Execution):
    """Kernels on a CPU too (Triton's interpreter)."""

    def own_kernels(self, device) -> bool:
        return True


CASES = [("wrn", 16, {}), ("autoencoder", 1, {}), ("autoencoder", 1, {"l2_on": "weights"})]
CASES += [("autoencoder", 16, {"l2_on": "weights"}), ("lstm", 1, {}), ("lstm", 4, {})]
CASES += [("lstm", 1, {"l2": 0}), ("wrn", 16, {"precision": "bf16"})]
BY_TENSOR = {"l2": 0.3, "clip": {"norm": 5.0, "scope": "tensor", "of": "gradient"}}
CASES += [("lstm", batch, BY_TENSOR) for batch in (1, 4)]


RUNS = [("sgd", 0.05, 0), ("momentum-0.9", 0.1, 1)]


def trained(kind, batch, execution, changes, device, runs=RUNS):
    lanes = [Lane(spec(kind, batch, *run, epochs=1, **changes)) for run in runs]
    pack = Pack(lanes, dataset(kind), torch.device(device), execution)
    pack.initialise()
    if kind == "autoencoder":
        assert pack.steps._fused == (type(execution) is Everywhere and batch == 1)
    pack.train_epoch(lambda p: p.step == 6)
    if kind == "lstm":
        padded = [network.padded for network in pack.model._networks.values()]
        assert all(padded) == any(padded) == (type(execution) is Everywhere)
    return [pack.export(lane) for lane in lanes]


CASES = [(*case, "branches") for case in CASES] + [("wrn", 16, {"precision": "bf16"}, "joint")]


@pytest.mark.parametrize(("kind", "batch", "changes", "convolutions"), CASES)
def test_a_step_is_the_same_with_kernels(kind, batch, changes, convolutions, device):
    executions = Everywhere(convolutions=convolutions), Execution(kernels="off")
    tolerance = {"rtol": 1e-3, "atol": 1e-5}
    if changes.get("precision") == "bf16":
        tolerance = {"rtol": 5e-2, "atol": 1e-2}
    own, plain = (trained(kind, batch, e, changes, device) for e in executions)
    for one, other in zip(own, plain, strict=True):
        if one is own[0]:  # no momentum, hence no velocity
            one, other = ({k: v for k, v in s.items() if "velocity" not in k} for s in (one, other))
        torch.testing.assert_close(one, other, **tolerance)


def test_joint_convolutions_leave_each_lane_its_bits(device):
    together, alone = (
        trained("wrn", 16, Everywhere(convolutions="joint"), {"precision": "bf16"}, device, runs)
        for runs in (RUNS, RUNS[1:])
    )
    assert all(torch.equal(together[1][name], alone[0][name]) for name in alone[0])
