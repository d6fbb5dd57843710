"""The loss that one lane descends, as a plain function of its weights by name.

These are the models' own functions, written with ordinary operations so that they can be
differentiated twice, and without L2 (which adds the constant l2 to every curvature), dropout and
clipping. The models in training compute gradients by hand or for all lanes at once; tests compare
the two.
"""

from collections.abc import Callable
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor

from largebatch.models.wrn_layout import residual_blocks

Weights = dict[str, Tensor]
Objective = Callable[[Weights, Tensor, Tensor], Tensor]
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "linear": lambda x: x,
}


def objective_of(model: dict) -> Objective:
    """The function (weights, inputs, targets) -> scalar, for the task's `model` settings.

    Inputs and targets are those of one lane's minibatch, with the batch first: images and labels
    (wrn), pixels twice (autoencoder), windows of tokens and of the tokens that follow (lstm, which
    starts each window from a zero state).
    """
    return {"wrn": _wrn, "autoencoder": _autoencoder, "lstm": _lstm}[model["kind"]](model)


def _autoencoder(model: dict) -> Objective:
    """Squared error, summed or averaged over pixels, averaged over the batch (app. C.3)."""
    hidden = [model["activation"]] * (len(model["widths"]) - 1)
    code = "linear" if model["code"] == "linear" else model["activation"]
    activations = [ACTIVATIONS[name] for name in (*hidden, code, *hidden, model["output"])]

    def objective(weights: Weights, inputs: Tensor, targets: Tensor) -> Tensor:
        y = inputs.flatten(1)  # (batch, pixels)
        for k, activation in enumerate(activations, start=1):
            y = activation(y @ weights[f"layer{k}.weight"] + weights[f"layer{k}.bias"])
        error = (y - inputs.flatten(1)).square().sum(1)
        return error.mean() / (y.shape[1] if model["reduction"] == "mean" else 1)

    return objective


def _wrn(model: dict) -> Objective:
    """Mean cross-entropy with the minibatch's own statistics (sec. 3)."""
    blocks = residual_blocks(model["depth"], model["width"])
    epsilon, ghost = model.get("bn_epsilon", 1e-5), model.get("ghost_batch")

    def activate(weights: Weights, name: str, x: Tensor) -> Tensor:
        if f"{name}.gamma" not in weights:
            return x.relu()
        gamma, beta = (weights[f"{name}.{part}"].view(1, -1, 1, 1) for part in ("gamma", "beta"))
        parts = [_normalised(part, epsilon) for part in x.split(ghost or len(x))]
        return (torch.cat(parts) * gamma + beta).relu()

    def convolve(weights: Weights, name: str, x: Tensor, stride: int = 1) -> Tensor:
        kernel = weights[name].permute(0, 3, 1, 2)  # (out, in, k, k)
        return F.conv2d(x, kernel, stride=stride, padding=kernel.shape[2] // 2)

    def objective(weights: Weights, inputs: Tensor, targets: Tensor) -> Tensor:
        x = convolve(weights, "conv", inputs)
        for block in blocks:
            active = activate(weights, f"{block.name}.norm1", x)
            y = convolve(weights, f"{block.name}.conv1", active, block.stride)
            y = convolve(
                weights, f"{block.name}.conv2", activate(weights, f"{block.name}.norm2", y)
            )
            if block.has_shortcut:  # from the same pre-activation
                x = convolve(weights, f"{block.name}.shortcut", active, block.stride)
            x = x + y
        features = activate(weights, "norm", x).mean((2, 3))
        logits = features @ weights["linear.weight"].T + weights["linear.bias"]
        return F.cross_entropy(logits, targets)

    return objective


def _normalised(x: Tensor, epsilon: float) -> Tensor:
    variance, mean = torch.var_mean(x, (0, 2, 3), correction=0, keepdim=True)
    return (x - mean) / (variance + epsilon).sqrt()


def _lstm(model: dict) -> Objective:
    """Negative log-likelihood, summed or averaged over time, averaged over the batch (app. C.4)."""
    names = [f"layer{k}" for k in range(1, model["layers"] + 1)]

    def objective(weights: Weights, inputs: Tensor, targets: Tensor) -> Tensor:
        steps = list(weights["embedding"][inputs].unbind(1))  # time x (batch, hidden)
        for name in names:
            steps = _lstm_layer(weights, name, steps)
        top = torch.stack(steps, 1)  # (batch, time, hidden)
        logits = top @ weights["softmax.weight"] + weights["softmax.bias"]
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten().long(), reduction="sum")
        return loss / (len(inputs) if model["time_reduction"] == "sum" else prod(inputs.shape))

    return objective


def _lstm_layer(weights: Weights, name: str, steps: list[Tensor]) -> list[Tensor]:
    bias = (weights[f"{name}.input_bias"] + weights[f"{name}.recurrent_bias"]).flatten()
    by_x, by_h = (weights[f"{name}.{kind}"].flatten(1) for kind in ("input", "recurrent"))
    hidden = cell = steps[0].new_zeros(len(steps[0]), len(by_h))
    outputs = []
    for x in steps:
        z = x @ by_x + hidden @ by_h + bias
        g, i, f, o = z.chunk(4, 1)
        cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
        hidden = o.sigmoid() * cell.tanh()
        outputs.append(hidden)
    return outputs
