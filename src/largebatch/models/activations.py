"""Activation functions, and their derivatives in terms of the function's value.

`out` is a `lane_buffer`, since PyTorch's vectorised sigmoid and tanh round a row's end differently.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

_aten = torch.ops.aten


@dataclass(frozen=True)
class Activation:
    """``apply(x, out)``: f(x). ``backward(gradient, y, out)``: gradient f'(x), where y = f(x)."""

    apply: Callable[[Tensor, Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor], Tensor]


def sigmoid(x: Tensor, out: Tensor) -> Tensor:
    return torch.sigmoid(x, out=out)


def sigmoid_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """gradient y (1 - y)."""
    return _aten.sigmoid_backward.grad_input(gradient, y, grad_input=out)


def tanh(x: Tensor, out: Tensor) -> Tensor:
    return torch.tanh(x, out=out)


def tanh_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """gradient (1 - y^2)."""
    return _aten.tanh_backward.grad_input(gradient, y, grad_input=out)


def relu(x: Tensor, out: Tensor) -> Tensor:
    return torch.clamp(x, min=0, out=out)


def relu_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """gradient where y > 0, else 0."""
    return _aten.threshold_backward.grad_input(gradient, y, 0, grad_input=out)


def linear(x: Tensor, out: Tensor) -> Tensor:
    return out.copy_(x)


def linear_backward(gradient: Tensor, y: Tensor, out: Tensor) -> Tensor:
    return out.copy_(gradient)


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, sigmoid_backward),
    "tanh": Activation(tanh, tanh_backward),
    "relu": Activation(relu, relu_backward),
    "linear": Activation(linear, linear_backward),
}
