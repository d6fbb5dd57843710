"""One dense layer of several lanes: forward and backward written over batched matrix products."""

from functools import cached_property

import torch
from torch import Tensor

from largebatch.models.activations import Activation
from largebatch.models.buffers import lane_buffer
from largebatch.models.parameters import Parameters


class DenseLayer:
    """y = f(x W + b) for one batch size, with its memory, so that a step allocates nothing.

    `x`: (lanes, batch, fan_in), read by each call; ``y`` and ``delta``: (lanes, batch, fan_out).
    The parameters are the slots `name`.weight (fan_in, fan_out) and `name`.bias (fan_out,).
    """

    def __init__(self, parameters: Parameters, name: str, activation: Activation, x: Tensor):
        self.x, self.x_transposed = x, x.mT
        self.weight = parameters.weight[f"{name}.weight"]
        self.weight_transposed = self.weight.mT
        self.bias = parameters.weight[f"{name}.bias"].unsqueeze(1)  # (lanes, 1, fan_out)
        self.weight_gradient = parameters.gradient[f"{name}.weight"]
        self.bias_gradient = parameters.gradient[f"{name}.bias"]
        self.activation = activation
        self.y = self._buffer()

    def _buffer(self) -> Tensor:
        lanes, batch, _ = self.x.shape
        fan_out = self.weight.shape[2]
        return lane_buffer(lanes, batch, fan_out, dtype=self.x.dtype, device=self.x.device)

    @cached_property
    def delta(self) -> Tensor:
        """Gradient with respect to y, and after `backward` to x W + b.

        At batch size 1 that is the gradient of the bias: the same memory.
        """
        return self.bias_gradient.unsqueeze(1) if self.x.shape[1] == 1 else self._buffer()

    def forward(self) -> None:
        torch.baddbmm(self.bias, self.x, self.weight, out=self.y)
        self.activation.apply_(self.y)

    def backward(self, below: Tensor | None) -> None:
        """From ``delta`` the gradients of weight and bias, and of x into `below` if given."""
        self.activation.backward_(self.delta, self.y)
        if self.x.shape[1] == 1:  # an outer product: twice as fast as a matrix product
            torch.mul(self.x_transposed, self.delta, out=self.weight_gradient)
        else:
            torch.bmm(self.x_transposed, self.delta, out=self.weight_gradient)
            torch.sum(self.delta, 1, out=self.bias_gradient)
        if below is not None:
            torch.bmm(self.delta, self.weight_transposed, out=below)
