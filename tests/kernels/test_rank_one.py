"""One pass over the weights is both gradients, L2 and heavy ball after one another."""

import pytest
import torch
from torch.testing import assert_close

from largebatch.kernels.rank_one import descend_dense_, descend_dense_plain_


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 7, 5), (3, 40, 33), (2, 1, 2000), (2, 3, 1100)])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_equals_its_plain_twin(shape, l2, device):
    lanes, inputs, outputs = shape
    draw = torch.Generator().manual_seed(0)
    flat = torch.randn(2, lanes, inputs * outputs + 11, generator=draw).to(device)  # gaps between
    weight, velocity = (part[:, : inputs * outputs].unflatten(1, shape[1:]) for part in flat)
    x = torch.randn(lanes, inputs, generator=draw).to(device)
    delta = torch.randn(lanes, outputs + 3, generator=draw).to(device)[:, :outputs]
    m, e = torch.rand(2, lanes, 1, generator=draw).to(device)
    m[0] = 0
    below, plain_below = torch.full((2, lanes, inputs), torch.nan, device=device)
    plain = weight.clone(), velocity.clone()
    gaps = flat[:, :, inputs * outputs :].clone()
    for _ in range(3):
        descend_dense_(weight, velocity, x, delta, below, m, e, l2)
        descend_dense_plain_(*plain, x, delta, plain_below, m, e, l2)
        assert_close((weight, velocity, below), (*plain, plain_below), rtol=1e-5, atol=1e-5)
    descend_dense_(weight, velocity, x, delta, None, m, e, l2)
    descend_dense_plain_(*plain, x, delta, None, m, e, l2)
    assert_close((weight, velocity), plain)
    assert torch.equal(flat[:, :, inputs * outputs :], gaps)


def test_a_lane_has_the_same_bits_in_any_company(device):
    draw = torch.Generator().manual_seed(1)
    weight, velocity = torch.randn(2, 4, 30, 50, generator=draw).to(device)
    x, delta = torch.randn(4, 30, generator=draw), torch.randn(4, 50, generator=draw)
    below, rules = torch.zeros(4, 30), torch.rand(2, 4, 1, generator=draw)
    arguments = [tensor.to(device) for tensor in (x, delta, below, *rules)]
    alone = [tensor[2:3].clone() for tensor in (weight, velocity, *arguments)]
    descend_dense_(weight, velocity, *arguments, 0.1)
    descend_dense_(*alone, 0.1)
    for of_pack, of_one in zip((weight, velocity, *arguments), alone, strict=True):
        assert torch.equal(of_pack[2:3], of_one)
