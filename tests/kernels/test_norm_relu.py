"""Batch norm and ReLU in one is batch norm and ReLU: values, running statistics, gradients."""

from functools import partial

import pytest
import torch
from torch.testing import assert_close

from largebatch.kernels import norm_relu_tiles
from largebatch.kernels.norm_relu import norm_relu, norm_relu_plain

SHAPES = [(2, 16, 3, 3), (5, 70, 4, 3), (32, 3, 8, 8)]  # rows and channels off the tile's sizes


def _layer(channels: int, draw, device):
    gamma, beta, mean = torch.randn(3, channels, generator=draw).to(device)
    return gamma, beta, mean, torch.rand(channels, generator=draw).to(device)


def _images(shape, draw, device):
    x = 3 * torch.randn(shape, generator=draw) + 10  # far from 0, where naive variances fail
    return x.to(device).contiguous(memory_format=torch.channels_last)


def _through(function, x, layer, dy):
    gamma, beta, mean, var = (tensor.clone() for tensor in layer)
    leaves = [tensor.clone().requires_grad_() for tensor in (x, gamma, beta)]
    y, _ = function(leaves[0], None, *leaves[1:], mean, var, 0.1, 1e-5)
    return y.detach(), mean, var, *torch.autograd.grad(y, leaves, dy)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("parts", [256, 2])
def test_equals_its_plain_twin(shape, parts, monkeypatch, device):
    monkeypatch.setattr(norm_relu_tiles, "PARTS", parts)
    draw = torch.Generator().manual_seed(0)
    layer = _layer(shape[1], draw, device)
    x, dy = _images(shape, draw, device), torch.randn(shape, generator=draw).to(device)
    own, plain = (_through(f, x, layer, dy) for f in (norm_relu, norm_relu_plain))
    assert_close(own, plain, rtol=1e-4, atol=1e-4)


def test_half_precision_maps_are_computed_in_single_precision(device):
    shape, draw = (8, 32, 4, 4), torch.Generator().manual_seed(0)
    layer = _layer(32, draw, device)
    x, dy = _images(shape, draw, device), torch.randn(shape, generator=draw).to(device)
    x, dy = x.bfloat16(), dy.bfloat16()
    own = _through(norm_relu, x, layer, dy)
    exact = _through(norm_relu_plain, x.float(), layer, dy.float())
    assert own[0].dtype == own[3].dtype == torch.bfloat16
    assert_close([o.float() for o in own], list(exact), rtol=1e-2, atol=1e-2)


def test_channels_do_not_see_each_other(device):
    draw = torch.Generator().manual_seed(0)
    layer, x = _layer(40, draw, device), _images((4, 40, 3, 3), draw, device)
    dy = torch.randn(x.shape, generator=draw).to(device)
    whole = _through(norm_relu, x, layer, dy)
    part = x[:, 8:24].contiguous(memory_format=torch.channels_last)
    alone = _through(norm_relu, part, [one[8:24] for one in layer], dy[:, 8:24])
    for of_all, of_part in zip(whole, alone, strict=True):
        of_all = of_all[:, 8:24] if of_all.dim() == 4 else of_all[8:24]
        assert_close(of_all, of_part)  # compiled for other strides, the last bits may differ
    other, dy_other = x.clone(), dy.clone()
    for changed in (other, dy_other):
        changed[:, :8], changed[:, 24:] = changed[:, 24:32].clone(), changed[:, :16].clone()
    beside = _through(norm_relu, other, layer, dy_other)
    for of_all, of_other in zip(whole, beside, strict=True):
        here = (slice(None), slice(8, 24)) if of_all.dim() == 4 else slice(8, 24)
        assert torch.equal(of_all[here], of_other[here])


@pytest.mark.parametrize(("channels", "batch"), [(16, 32), (64, 8), (128, 8)])
def test_a_lane_has_the_bits_that_it_has_alone(channels, batch, device):
    """In sixteens of channels, as wide ResNets have them, and in four parts of the rows."""
    lanes, draw = 3, torch.Generator().manual_seed(0)
    layer = _layer(lanes * channels, draw, device)
    x = _images((batch, lanes * channels, 8, 8), draw, device).bfloat16()
    dy = torch.randn(x.shape, generator=draw).to(device, torch.bfloat16)
    packed = _through(partial(norm_relu, lanes=lanes), x, layer, dy)
    own = slice(channels, 2 * channels)
    part = x[:, own].contiguous(memory_format=torch.channels_last)
    alone = _through(norm_relu, part, [one[own] for one in layer], dy[:, own])
    for of_all, of_lane in zip(packed, alone, strict=True):
        assert torch.equal(of_all[:, own] if of_all.dim() == 4 else of_all[own], of_lane)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shortcut", [True, False])
@pytest.mark.parametrize("used", [True, False])
def test_sums_with_a_shortcut_and_what_else_is_done_with_it(shortcut, used, dtype, device):
    draw = torch.Generator().manual_seed(0)
    layer, shape = _layer(20, draw, device), (4, 20, 5, 3)
    maps = [_images(shape, draw, device).to(dtype) for _ in range(2 if shortcut else 1)]
    dy, beside = torch.randn(2, *shape, generator=draw).to(device, dtype)

    def through(function):
        gamma, beta, mean, var = (tensor.clone() for tensor in layer)
        leaves = [tensor.clone().requires_grad_() for tensor in (*maps, gamma, beta)]
        x, second = leaves[0], leaves[1] if shortcut else None
        y, both = function(x, second, *leaves[-2:], mean, var, 0.1, 1e-5)
        outputs, slopes = ((y, both), (dy, beside)) if used else ((y,), (dy,))
        return [y.detach(), both.detach(), mean, *torch.autograd.grad(outputs, leaves, slopes)]

    tolerance = 1e-4 if dtype == torch.float32 else 0.1  # sums of some 20 are rounded to 0.125
    for one, other in zip(through(norm_relu), through(norm_relu_plain), strict=True):
        assert one.dtype == other.dtype
        assert (one - other).float().norm() < tolerance * other.float().norm()
