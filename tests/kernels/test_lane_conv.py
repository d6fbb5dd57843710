"""One convolution of all lanes: exact where the numbers are small and whole.

Sums of whole numbers are exact in float32, and in bfloat16 up to 256.
"""

from dataclasses import replace

import pytest
import torch
from conv.calls import Operands
from conv.layers import DIRECTIONS, directions, layers, tiles

from largebatch.kernels import lane_conv_launch
from largebatch.kernels.lane_conv import lane_convolve, lane_convolve_plain, suits
from largebatch.kernels.lane_conv_tiles import Shape, Tile

# (lanes, batch, inputs, outputs, height, width, size, stride)
SHAPES = [
    (2, 3, 16, 32, 4, 4, 3, 1),
    (3, 1, 32, 16, 4, 8, 3, 2),
    (2, 5, 16, 48, 4, 4, 1, 1),
    (1, 9, 48, 16, 4, 4, 1, 2),
    (2, 3, 16, 16, 32, 2, 3, 1),
    (2, 2, 3, 16, 4, 4, 3, 1),
]
NAMES = "y", "dx", "dw"


def drawn(shape, device, whole=True) -> tuple[torch.Tensor, ...]:
    """x, weight and dy in bfloat16: -1, 0 and 1, or normal numbers."""
    lanes, batch, inputs, outputs, height, width, size, stride = shape
    draw = torch.Generator().manual_seed(0)
    shapes = (batch, lanes * inputs, height, width), (lanes * outputs, inputs, size, size)
    shapes = *shapes, (batch, lanes * outputs, height // stride, width // stride)
    if whole:
        tensors = [torch.randint(-1, 2, one, generator=draw) for one in shapes]
    else:
        tensors = [torch.randn(one, generator=draw) for one in shapes]
    return tuple(t.to(device, torch.bfloat16, memory_format=torch.channels_last) for t in tensors)


def gradients(convolve, x, weight, dy, lanes, stride) -> tuple[torch.Tensor, ...]:
    """y, dx and dw."""
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    y = convolve(x, weight, lanes, stride)
    return y.detach(), *torch.autograd.grad(y, (x, weight), dy)


def exact(x, weight, dy, lanes, stride) -> tuple[torch.Tensor, ...]:
    return gradients(lane_convolve_plain, *(t.double() for t in (x, weight, dy)), lanes, stride)


OPERANDS, RESULTS = (1, 0, 1), (1, 1, 0)  # where the lanes are, in what both functions return


def lane_of(tensors, dims, lane: int, lanes: int) -> tuple[torch.Tensor, ...]:
    parts = [tensor.chunk(lanes, dim)[lane] for tensor, dim in zip(tensors, dims, strict=True)]
    return tuple(part.contiguous(memory_format=torch.channels_last) for part in parts)


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_pytorchs(shape, device):
    (lanes, *_, stride), (x, weight, dy) = shape, drawn(shape, device)
    assert suits(x, weight, lanes, stride)
    own = gradients(lane_convolve, x, weight, dy, lanes, stride)
    for name, one, other in zip(NAMES, own, exact(x, weight, dy, lanes, stride), strict=True):
        assert one.dtype == torch.bfloat16 and torch.equal(one.double(), other), name


NARROW = [layer for layer in layers(16, 4, 3, 32) if layer.outputs <= 64]


@pytest.mark.parametrize("layer", NARROW, ids=lambda layer: layer.name)
def test_every_tile_that_is_measured(layer, device):
    """On smaller maps of the WRN-16-4's first stage."""
    lanes, small = 2, replace(layer, rows=8)
    operands = Operands(small, 3, lanes, torch.device(device))
    shape = lanes, 3, layer.inputs, layer.outputs, 8, 8, layer.size, layer.stride
    operands.x, operands.weight, operands.dy = drawn(shape, device)
    results = exact(operands.x, operands.weight, operands.dy, lanes, layer.stride)
    for direction, result in zip(DIRECTIONS, results, strict=True):
        for tile in tiles(layer, direction) if direction in directions(layer) else []:
            own = operands.whole(direction, operands.joint(direction, tile)())
            assert torch.equal(own.double(), result), (direction, tile)


@pytest.mark.parametrize("programs", [3, 256])
def test_pixels_in_parts(programs, device, monkeypatch):
    """Parts of a tile each, and of several; and float32 where the caller wants it."""
    monkeypatch.setattr(lane_conv_launch, "PROGRAMS", programs)
    lanes, *_ = shape = (2, 5, 16, 16, 4, 4, 3, 1)
    x, weight, dy = drawn(shape, device)
    *_, dw = exact(x, weight, dy, lanes, 1)
    of, tile = Shape.of(x, weight, lanes, 1), Tile(16, 16, 16, part=16)
    own = lane_conv_launch.gradient_by_weight(x, dy, of, torch.float32, tile)
    assert own.dtype == torch.float32 and torch.equal(own.double(), dw)


def test_rounds_as_pytorch_does(device):
    lanes, *_ = shape = (2, 2, 32, 16, 4, 4, 3, 1)
    x, weight, dy = drawn(shape, device, whole=False)
    own = gradients(lane_convolve, x, weight, dy, lanes, 1)
    for one, other in zip(own, exact(x, weight, dy, lanes, 1), strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2), (1, 2)])
def test_a_lanes_bits_do_not_depend_on_its_company(size, stride, device):
    lanes, *_ = shape = (3, 2, 16, 16, 4, 4, size, stride)
    tensors = drawn(shape, device, whole=False)
    together = gradients(lane_convolve, *tensors, lanes, stride)
    alone = gradients(lane_convolve, *lane_of(tensors, OPERANDS, 1, lanes), 1, stride)
    for one, other in zip(lane_of(together, RESULTS, 1, lanes), alone, strict=True):
        assert torch.equal(one, other)


@pytest.mark.filterwarnings("ignore:invalid value encountered in matmul")
def test_infinities_stay_in_their_lane(device):
    lanes, *_ = shape = (3, 2, 16, 16, 4, 4, 3, 1)
    x, weight, dy = drawn(shape, device, whole=False)
    before = gradients(lane_convolve, x, weight, dy, lanes, 1)
    for tensor, dim in zip((x, weight, dy), OPERANDS, strict=True):
        tensor.chunk(lanes, dim)[1].fill_(float("inf"))
    after = gradients(lane_convolve, x, weight, dy, lanes, 1)
    assert not any(tensor.isfinite().any() for tensor in lane_of(after, RESULTS, 1, lanes))
    for lane in (0, 2):
        pairs = zip(*(lane_of(all_, RESULTS, lane, lanes) for all_ in (before, after)), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("change", ["outputs", "side", "width", "large", "float32"])
def test_others_are_left_to_pytorch(change, device):
    height, width = {"side": (6, 4), "width": (4, 64)}.get(change, (4, 4))
    outputs = 20 if change == "outputs" else 16
    size = 5 if change == "large" else 3
    x, weight, _ = drawn((2, 1, 16, outputs, height, width, size, 1), device)
    assert not suits(*((x.float(), weight.float()) if change == "float32" else (x, weight)), 2)
