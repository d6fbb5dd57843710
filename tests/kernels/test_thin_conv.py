"""Convolutions of few channels: our gradients are autograd's, in bfloat16's accuracy."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from largebatch.kernels.thin_conv import suits, thin_convolve

# (batch, channels, height, width, outputs, size): the paper's layers are 3 to 16 and 16 to 64
SHAPES = [(2, 3, 8, 8, 16, 3), (3, 16, 5, 7, 64, 3), (2, 16, 4, 4, 64, 1), (5, 9, 3, 3, 10, 3)]


def drawn(shape, device) -> tuple[torch.Tensor, ...]:
    """x, weight and dy, all numbers of bfloat16."""
    batch, channels, height, width, outputs, size = shape
    draw = torch.Generator().manual_seed(0)
    shapes = (batch, channels, height, width), (outputs, channels, size, size)
    shapes = *shapes, (batch, outputs, height, width)
    tensors = [torch.randn(one, generator=draw).to(device, torch.bfloat16) for one in shapes]
    return tuple(tensor.contiguous(memory_format=torch.channels_last) for tensor in tensors)


def gradients(convolve, x, weight, dy) -> tuple[torch.Tensor, ...]:
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    y = convolve(x, weight)
    return y, *torch.autograd.grad(y, (x, weight), dy)


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_pytorchs(shape, device):
    x, weight, dy = drawn(shape, device)
    assert suits(x, weight, 1)
    own = gradients(thin_convolve, x, weight, dy)
    plain = lambda x, w: F.conv2d(x, w, padding=w.shape[2] // 2)  # noqa: E731
    exact = gradients(plain, x.float(), weight.float(), dy.float())
    for one, other in zip(own, exact, strict=True):
        assert one.dtype == torch.bfloat16 and one.shape == other.shape
        assert_close(one.float(), other, rtol=1e-2, atol=1e-2 * other.abs().max().item())


def test_more_pixels_than_parts_have_tiles(device, monkeypatch):
    from largebatch.kernels import thin_conv

    monkeypatch.setattr(thin_conv, "PARTS", 3)
    test_equals_pytorchs((9, 16, 9, 9, 16, 3), device)


def test_the_input_of_the_network_needs_no_gradient(device):
    x, weight, dy = drawn(SHAPES[0], device)
    weight.requires_grad_()
    (dw,) = torch.autograd.grad(thin_convolve(x, weight), weight, dy)
    assert dw.shape == weight.shape


@pytest.mark.parametrize("change", ["wide", "strided", "float32", "large"])
def test_others_are_left_to_pytorch(change, device):
    x, weight, _ = drawn((2, 17 if change == "wide" else 16, 8, 8, 16, 3), device)
    if change == "float32":
        x, weight = x.float(), weight.float()
    if change == "large":
        weight = F.pad(weight, (1, 1, 1, 1))
    assert not suits(x, weight, 2 if change == "strided" else 1)
