"""One dense layer of several lanes: forward and backward by batched matrix products."""

from functools import cached_property

import torch
from torch import Tensor

from largebatch.models.activations import Activation
from largebatch.models.buffers import lane_buffer, product_buffer
from largebatch.models.outer import Rule, descend_outer_
from largebatch.models.parameters import Parameters, Views


class DenseLayer:
    """y = f(x W + b) for one batch size, with its own memory, so that a step allocates nothing.

    The parameters are the slots `name`.weight (fan_in, fan_out) and `name`.bias (fan_out,). Each
    call of `forward` reads ``x``, a `lane_buffer` (lanes, batch, fan_in), and writes ``y`` (lanes,
    batch, fan_out); `backward` takes the gradient with respect to y from ``z``.
    """

    def __init__(
        self, parameters: Parameters | Views, name: str, activation: Activation, x: Tensor
    ):
        self.x, self.x_transposed = x, x.mT
        self.weight = parameters.weight[f"{name}.weight"]
        self.weight_transposed = self.weight.mT
        self.bias = parameters.weight[f"{name}.bias"].unsqueeze(1)  # (lanes, 1, fan_out)
        self.weight_gradient = parameters.gradient[f"{name}.weight"]
        self.bias_gradient = parameters.gradient[f"{name}.bias"]
        self.velocity = parameters.velocity[f"{name}.weight"]
        self.bias_velocity = parameters.velocity[f"{name}.bias"].unsqueeze(1)
        self.activation = activation
        batch, fan_out = x.shape[1], self.weight.shape[2]
        self.z = product_buffer(x, batch, fan_out)  # x W + b, later the gradient of y
        self.y = lane_buffer(x, batch, fan_out)

    @cached_property
    def delta(self) -> Tensor:
        """Gradient of x W + b. At batch size 1 it equals that of the bias and shares its memory."""
        if self.x.shape[1] == 1:
            return self.bias_gradient.unsqueeze(1)
        return lane_buffer(self.x, *self.y.shape[1:])

    @cached_property
    def one(self) -> Tensor:
        """The input that a bias is multiplied with."""
        return torch.ones_like(self.x[:, 0, :1])

    def forward(self) -> None:
        torch.baddbmm(self.bias, self.x, self.weight, out=self.z)
        self.activation.apply(self.z, self.y)

    def backward(self, below: Tensor | None, outer: bool = True) -> None:
        """From ``z`` compute the gradients of weight and bias, and that of x into `below` if given.

        outer: False leaves out the weight gradient at batch size 1, for `descend_alone`.
        """
        self.activation.backward(self.z, self.y, self.delta)
        if self.x.shape[1] == 1:  # an outer product: twice as fast as a matrix product
            if outer:
                torch.mul(self.x_transposed, self.delta, out=self.weight_gradient)
        else:
            torch.bmm(self.x_transposed, self.delta, out=self.weight_gradient)
            torch.sum(self.delta, 1, out=self.bias_gradient)
        if below is not None:
            torch.bmm(self.delta, self.weight_transposed, out=below)

    def descend_alone(self, rule: Rule, l2: float, l2_bias: float) -> None:
        """After `backward`, take a step with the gradient x^T delta; one lane, without kernels."""
        x, delta = self.x[0, 0], self.delta[0, 0]
        descend_outer_(self.weight[0], self.velocity[0], x, delta, rule, l2)
        descend_outer_(self.bias[0], self.bias_velocity[0], self.one[0], delta, rule, l2_bias)

    def backward_and_descend(
        self, below: Tensor | None, m: Tensor, e: Tensor, l2: float, l2_bias: float
    ) -> None:
        """At batch size 1: `backward`, and heavy ball with the gradient x^T delta, in a kernel."""
        from largebatch.kernels.rank_one import descend_dense_

        self.activation.backward(self.z, self.y, self.delta)
        x, delta = self.x[:, 0], self.delta[:, 0]
        by_x = None if below is None else below[:, 0]
        descend_dense_(self.weight, self.velocity, x, delta, by_x, m, e, l2)
        descend_dense_(self.bias, self.bias_velocity, self.one, delta, None, m, e, l2_bias)
