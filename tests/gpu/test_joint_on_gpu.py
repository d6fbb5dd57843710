"""On a GPU: the paper's WRN-16-4 with joint convolutions, one training step of several lanes."""

import pytest
import torch

from largebatch.models.lane_model import Batch
from largebatch.models.wrn import WideResNet

WRN = {"depth": 16, "width": 4, "normalization": "batch", "init": "he", "gamma": "ones"}
KERNELS = {"compute": torch.bfloat16, "own_kernels": True}


def step(lanes: list[int], batch: int, convolutions: str, **changes) -> tuple[dict, torch.Tensor]:
    """Gradients, and (loss, accuracy), of lanes whose weights and images their numbers tell."""
    how = KERNELS | {"convolutions": convolutions} | changes
    facts = {"shape": [3, 32, 32], "classes": 100}
    model = WideResNet(WRN, facts, len(lanes), device="cuda", **how)
    draws = [torch.Generator().manual_seed(lane) for lane in lanes]
    for k, draw in enumerate(draws):
        model.initialise(k, draw)
    inputs = torch.stack([torch.randn(batch, 3, 32, 32, generator=draw) for draw in draws])
    targets = torch.stack([torch.randint(0, 100, (batch,), generator=draw) for draw in draws])
    key = torch.zeros(len(lanes), dtype=torch.int64)
    loss, accuracy = model.gradient(Batch(*(t.cuda() for t in (inputs, targets, key))))
    found = dict(model.parameters.gradient) | dict(model.state)
    return {name: tensor.clone() for name, tensor in found.items()}, torch.stack([loss, accuracy])


@pytest.mark.parametrize("batch", [32, 128])
def test_a_lane_has_its_bits_alone_and_packed(batch):
    packed, scores = step([3, 0, 1, 2, 4], batch, "joint")
    for k, lane in enumerate([3, 0, 1]):
        alone, score = step([lane], batch, "joint")
        assert torch.equal(score[:, 0], scores[:, k])
        assert not [name for name in alone if not torch.equal(alone[name][0], packed[name][k])]


@pytest.mark.parametrize("batch", [32, 128])
def test_gradients_are_as_exact_as_those_of_branches(batch):
    """Errors of bfloat16 add up to a third of some gradients, whoever convolves."""
    exact, score = step([0, 1], batch, "branches", compute=torch.float32, own_kernels=False)
    joint, branches = (step([0, 1], batch, how) for how in ("joint", "branches"))
    torch.testing.assert_close(joint[1][0], score[0], rtol=1e-2, atol=0)
    for name, slope in exact.items():
        own, other = ((found[name] - slope).norm() for found, _ in (joint, branches))
        assert own < 1.5 * other + 1e-3 * slope.norm(), name
