"""One pass over the weights is clipping, L2 and heavy ball after one another."""

import pytest
import torch
from torch.testing import assert_close

from largebatch.kernels.heavy_ball import HeavyBall
from largebatch.models.parameters import Parameters, Slot
from largebatch.training.update import accumulate_, add_l2_, clip_factor, clip_gradient_, descend_

SLOTS = [Slot("kernel", (7, 3)), Slot("bias", (10,), decay=False), Slot("wide", (50, 90))]


def filled(layout: str, lanes: int, device: str) -> Parameters:
    """Parameters with random numbers everywhere but in the padding."""
    parameters = Parameters(SLOTS, lanes, layout=layout, device=device)
    draw = torch.Generator().manual_seed(0)
    for views in (parameters.weight, parameters.velocity, parameters.gradient):
        for view in views.values():
            view.copy_(torch.randn(view.shape, generator=draw))
    return parameters


def column(device: str, *values: float) -> torch.Tensor:
    return torch.tensor(values, device=device).unsqueeze(1)


@pytest.mark.parametrize("layout", ["flat", "blocks"])
@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("norm", [None, 5.0])
def test_equals_its_plain_twin(layout, everywhere, norm, device):
    own, plain = filled(layout, 3, device), filled(layout, 3, device)
    m, e = column(device, 0.9, 0.0, 0.5), column(device, 0.1, 0.2, 0.3)
    update = HeavyBall(own, 0.3, everywhere)
    for _ in range(3):
        gradients = [block.gradient for block in own.blocks]
        update.descend(m, e, None if norm is None else clip_factor(gradients, norm))
        before = [block.gradient.clone() for block in plain.blocks]
        if norm is not None:
            clip_gradient_(plain, norm, "global")
        add_l2_(plain, 0.3, everywhere)
        for block, gradient in zip(plain.blocks, before, strict=True):
            accumulate_(block, m)
            descend_(block, e)
            block.gradient.copy_(gradient)
    for name in own.weight:
        assert_close(own.weight[name], plain.weight[name])
        assert_close(own.velocity[name][[0, 2]], plain.velocity[name][[0, 2]])


def test_without_momentum_the_velocity_is_left_alone(device):
    parameters = filled("flat", 2, device)
    parameters.velocity["wide"].fill_(torch.nan)
    HeavyBall(parameters, 0.0, True).descend(column(device, 0, 0), column(device, 0.1, 0.2))
    assert parameters.weight["wide"].isfinite().all()
    assert parameters.velocity["wide"].isnan().all()


@pytest.mark.parametrize("layout", ["flat", "blocks"])
def test_a_lane_has_the_same_bits_in_any_company(layout, device):
    packed, alone = filled(layout, 4, device), Parameters(SLOTS, 1, layout=layout, device=device)
    for views, of_one in zip(packed._views, alone._views, strict=True):
        for name, view in of_one.items():
            view.copy_(views[name][2:3])
    m, e = column(device, 0.9, 0.8, 0.7, 0.0), column(device, 0.1, 0.2, 0.3, 0.4)
    HeavyBall(packed, 0.1, False).descend(m, e)
    HeavyBall(alone, 0.1, False).descend(m[2:3].clone(), e[2:3].clone())
    for views, of_one in zip(packed._views[:2], alone._views[:2], strict=True):
        for name, view in of_one.items():
            assert torch.equal(view, views[name][2:3])
