"""Activation functions and their derivatives, in place and written in terms of the output.

`lane_buffer`'s gap is what makes PyTorch's vectorised sigmoid and tanh independent of the slot.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

_aten = torch.ops.aten


@dataclass(frozen=True)
class Activation:
    """``apply_``: x to f(x), in place. ``backward_``: (g, f(x)) to g f'(x), in the place of g."""

    apply_: Callable[[Tensor], Tensor]
    backward_: Callable[[Tensor, Tensor], Tensor]


def sigmoid_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """gradient y (1 - y), the derivative at y = sigmoid(x); `out` may be `gradient`."""
    return _aten.sigmoid_backward.grad_input(gradient, y, grad_input=out)


def tanh_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """gradient (1 - y^2), the derivative at y = tanh(x); `out` may be `gradient`."""
    return _aten.tanh_backward.grad_input(gradient, y, grad_input=out)


def _relu_backward_(gradient: Tensor, y: Tensor) -> Tensor:
    return _aten.threshold_backward.grad_input(gradient, y, 0, grad_input=gradient)


ACTIVATIONS = {
    "sigmoid": Activation(torch.sigmoid_, lambda g, y: sigmoid_backward(g, y, g)),
    "tanh": Activation(torch.tanh_, lambda g, y: tanh_backward(g, y, g)),
    "relu": Activation(torch.relu_, _relu_backward_),
    "linear": Activation(lambda x: x, lambda gradient, y: gradient),
}
