"""The contenders that compute one convolution of a wide ResNet."""

from collections.abc import Callable
from functools import cached_property, partial

import torch
from torch import Tensor

from conv.layers import Layer
from largebatch.kernels import lane_conv_launch
from largebatch.kernels.lane_conv import widen
from largebatch.kernels.lane_conv_tiles import Shape, Tile
from largebatch.models.branches import Branches, one_after_another

Call = Callable[[], Tensor | list[Tensor]]  # branches return one tensor per lane


class Operands:
    """Random x, weight and dy of `lanes` lanes, and the convolution by each contender."""

    def __init__(self, layer: Layer, batch: int, lanes: int, device: torch.device):
        self.layer, self.batch, self.lanes, self.device = layer, batch, lanes, device
        side = layer.rows * layer.stride
        draw = torch.Generator(device).manual_seed(0)

        def maps(*shape: int) -> Tensor:
            numbers = torch.randn(shape, generator=draw, device=device).bfloat16()
            return numbers.contiguous(memory_format=torch.channels_last)

        self.x = maps(batch, lanes * layer.inputs, side, side)
        self.weight = maps(lanes * layer.outputs, layer.inputs, layer.size, layer.size)
        self.dy = maps(batch, lanes * layer.outputs, layer.rows, layer.rows)

    @property
    def title(self) -> str:
        return f"batch {self.batch}, {self.lanes} lanes, {self.layer.name}"

    def branches(self, direction: str) -> Call:
        """Each lane's own convolution by cuDNN: the twin."""
        on_gpu = self.device.type == "cuda"
        side_by_side = Branches(self.device) if on_gpu else one_after_another
        own = [t.chunk(self.lanes, 1) for t in (self.x, self.dy)]
        own = [[t.contiguous(memory_format=torch.channels_last) for t in ts] for ts in own]
        lanes = zip(own[0], self.weight.chunk(self.lanes), own[1], strict=True)
        calls = [partial(self._cudnn, direction, *tensors, 1) for tensors in lanes]
        return partial(side_by_side, calls)

    def grouped(self, direction: str) -> Call:
        return partial(self._cudnn, direction, self.x, self.weight, self.dy, self.lanes)

    def joint(self, direction: str, tile: Tile) -> Call:
        x, weight, shape = self._wide
        if direction == "forward":
            return partial(lane_conv_launch.forward, x, weight, shape, tile)
        if direction == "by input":
            return partial(lane_conv_launch.gradient_by_input, self.dy, weight, shape, tile)
        return partial(lane_conv_launch.gradient_by_weight, x, self.dy, shape, weight.dtype, tile)

    def whole(self, direction: str, result: Tensor | list[Tensor]) -> Tensor:
        """The result of a call for all lanes, without the channels that were added as padding."""
        if isinstance(result, list):
            result = torch.cat(result, 0 if direction == "by weight" else 1)
        return result[:, : self.layer.inputs] if direction == "by weight" else result

    @cached_property
    def _wide(self) -> tuple[Tensor, Tensor, Shape]:
        shape = self.layer.shape(self.batch, self.lanes)
        missing = shape.inputs - self.layer.inputs
        return widen(self.x, self.lanes, missing), widen(self.weight, 1, missing), shape

    def _cudnn(self, direction: str, x: Tensor, weight: Tensor, dy: Tensor, groups: int) -> Tensor:
        stride, padding = [self.layer.stride] * 2, [self.layer.size // 2] * 2
        if direction == "forward":
            return torch.conv2d(x, weight, None, stride, padding, 1, groups)
        wanted = [direction == "by input", direction == "by weight", False]
        how = None, stride, padding, [1, 1], False, [0, 0], groups, wanted
        gradients = torch.ops.aten.convolution_backward(dy, x, weight, *how)
        return gradients[wanted.index(True)]
