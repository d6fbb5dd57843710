"""The update rule against PyTorch's own, and against the equations."""

import pytest
import torch

from largebatch.models.parameters import Parameters, Slot
from largebatch.training.update import (
    accumulate_,
    add_l2_,
    clip_gradient_,
    clip_velocity_,
    descend_,
    descend_nesterov_,
)

SLOTS = [Slot("weight", (7, 5)), Slot("bias", (5,), decay=False)]
LAYOUTS = ["flat", "blocks"]


def filled(layout: str, lanes: int = 3) -> Parameters:
    parameters = Parameters(SLOTS, lanes, layout=layout, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    for view in (*parameters.weight.values(), *parameters.gradient.values()):
        view.normal_(generator=generator)
    return parameters


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_200_steps_equal_torch_sgd(layout, nesterov, l2):
    """Every lane with its own e and m is torch.optim.SGD of a quadratic, to rounding."""
    parameters = filled(layout)
    rates, momenta = [0.1, 0.02, 0.005], [0.0, 0.9, 0.99]
    curvature = torch.linspace(0.1, 1.9, 35, dtype=torch.float64).view(7, 5)
    e, m = (torch.tensor(v, dtype=torch.float64).unsqueeze(1) for v in (rates, momenta))
    flags = (m > 0).double()  # PyTorch refuses Nesterov without momentum
    twins = [
        {k: v[i].clone().requires_grad_() for k, v in parameters.weight.items()} for i in range(3)
    ]
    optimizers = [
        torch.optim.SGD(
            twin.values(), lr=lr, momentum=mu, weight_decay=l2, nesterov=nesterov and mu > 0
        )
        for twin, lr, mu in zip(twins, rates, momenta, strict=True)
    ]
    for _ in range(200):
        parameters.gradient["weight"].copy_(curvature * parameters.weight["weight"])
        parameters.gradient["bias"].copy_(parameters.weight["bias"])
        add_l2_(parameters, l2, everywhere=True)
        for block in parameters.blocks:
            accumulate_(block, m)
            descend_nesterov_(block, e, m, flags) if nesterov else descend_(block, e)
        for twin, optimizer in zip(twins, optimizers, strict=True):
            twin["weight"].grad = curvature * twin["weight"].detach()
            twin["bias"].grad = twin["bias"].detach().clone()
            optimizer.step()
    for name, view in parameters.weight.items():
        expected = torch.stack([twin[name].detach() for twin in twins])
        torch.testing.assert_close(view, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_heavy_ball_tends_to_sgd_as_the_rate_vanishes(momentum):
    """Section 1.2: at equal effective rate the paths differ by O(e): the slope in e is one."""

    def distance(effective_lr: float) -> float:
        time, ends = 4.0, []
        for m in (0.0, momentum):
            w = v = torch.tensor(1.0, dtype=torch.float64)
            v = v * 0
            for _ in range(round(time / effective_lr)):
                v = m * v + w
                w = w - effective_lr * (1 - m) * v
            ends.append(w)
        return abs(ends[0] - ends[1]).item()

    near, far = distance(1e-4), distance(1e-3)
    assert far / near == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_l2_spares_biases_when_told_to(layout):
    parameters = filled(layout)
    before = {name: view.clone() for name, view in parameters.gradient.items()}
    add_l2_(parameters, 0.1, everywhere=False)
    assert torch.equal(parameters.gradient["bias"], before["bias"])
    expected = before["weight"] + 0.1 * parameters.weight["weight"]
    torch.testing.assert_close(parameters.gradient["weight"], expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_global_clipping_is_per_lane(layout):
    parameters = filled(layout)
    parameters.gradient["weight"][1] *= 1e-3
    parameters.gradient["bias"][1] *= 1e-3
    before = {name: view.clone() for name, view in parameters.gradient.items()}

    def norm(lane: int) -> torch.Tensor:
        return torch.cat([view[lane].flatten() for view in parameters.gradient.values()]).norm()

    clip_gradient_(parameters, 2.0, "global")
    assert norm(0).item() == pytest.approx(2.0) and norm(2).item() == pytest.approx(2.0)
    assert torch.equal(parameters.gradient["weight"][1], before["weight"][1])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tensor_clipping_and_velocity_clipping(layout):
    parameters = filled(layout)
    clip_gradient_(parameters, 1.0, "tensor")
    for view in parameters.gradient.values():
        torch.testing.assert_close(view.flatten(1).norm(dim=1), torch.ones(3).double())
    for block in parameters.blocks:
        accumulate_(block, torch.zeros(3, 1, dtype=torch.float64))
    clip_velocity_(parameters, 0.5, "global")
    flat = torch.cat([view.flatten(1) for view in parameters.velocity.values()], dim=1)
    torch.testing.assert_close(flat.norm(dim=1), torch.full((3,), 0.5).double())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_lane_does_not_see_a_nan_beside_it(layout):
    clean, dirty = filled(layout), filled(layout)
    dirty.gradient["weight"][1] = float("nan")
    e, m = torch.full((3, 1), 0.1).double(), torch.full((3, 1), 0.9).double()
    for parameters in (clean, dirty):
        clip_gradient_(parameters, 2.0, "global")
        add_l2_(parameters, 0.1, everywhere=True)
        for block in parameters.blocks:
            accumulate_(block, m)
            descend_(block, e)
    for name, view in clean.weight.items():
        assert torch.equal(view[[0, 2]], dirty.weight[name][[0, 2]])


def test_slices_start_on_64_byte_boundaries():
    parameters = Parameters(SLOTS, 3, layout="flat")
    for view in parameters.weight.values():
        assert all(view[lane].data_ptr() % 64 == view[0].data_ptr() % 64 for lane in range(3))
    assert parameters.count() == 40
