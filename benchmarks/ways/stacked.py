"""Models trained side by side with torch.func: stacked parameters, vmap of grad."""

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from parts.workloads import Workload
from torch import Tensor, nn
from torch.func import (
    functional_call,
    grad_and_value,
    replace_all_batch_norm_modules_,
    stack_module_state,
    vmap,
)

from ways.plain import PlainAutoencoder, PlainWRN

LR, MOMENTUM = 1e-3, 0.9


class CellLSTM(nn.Module):
    """`PlainLSTM` made of matrix products, because vmap has no rule for the fused LSTM."""

    def __init__(self, settings: dict, facts: dict):
        super().__init__()
        hidden, words = settings["hidden"], facts["vocabulary"]
        self.unroll, self.rate = settings["unroll"], settings["dropout"]
        self.embedding, self.decoder = nn.Embedding(words, hidden), nn.Linear(hidden, words)
        layers = range(settings["layers"])
        self.inputs = nn.ModuleList(nn.Linear(hidden, 4 * hidden) for _ in layers)
        self.recurrent = nn.ModuleList(nn.Linear(hidden, 4 * hidden) for _ in layers)

    def loss(self, words: Tensor, targets: Tensor) -> Tensor:
        x = F.dropout(self.embedding(words), self.rate)  # (batch, time, hidden)
        for inputs, recurrent in zip(self.inputs, self.recurrent, strict=True):
            z_of_x = inputs(x)
            hidden = cell = torch.zeros_like(x[:, 0])
            outputs = []
            for t in range(self.unroll):
                g, i, f, o = (z_of_x[:, t] + recurrent(hidden)).chunk(4, -1)
                cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
                hidden = torch.sigmoid(o) * torch.tanh(cell)
                outputs.append(hidden)
            x = F.dropout(torch.stack(outputs, 1), self.rate)
        return F.cross_entropy(self.decoder(x).flatten(0, 1), targets.flatten()) * self.unroll


STACKED = {"autoencoder": PlainAutoencoder, "wrn": PlainWRN, "lstm": CellLSTM}


def stacked_steps(
    work: Workload, batches: Iterator[tuple[Tensor, Tensor]], precision: str, lanes: int, device
) -> Callable[[], None]:
    """A function that takes one step of all lanes per call."""
    models = [STACKED[work.kind](work.model, work.facts).to(device) for _ in range(lanes)]
    for model in models:
        replace_all_batch_norm_modules_(model)
        model.forward = model.loss  # functional_call calls the forward
    weights, buffers = stack_module_state(models)
    weights = {name: weight.detach() for name, weight in weights.items()}
    # Not fused: that needs gradients in the layout of the weights, and vmap leaves them in any.
    optimizer = torch.optim.SGD(weights.values(), LR, MOMENTUM, weight_decay=work.l2)

    def loss(weights, buffers, inputs, targets):
        if precision == "bf16":  # torch.autocast fails in batch norm's gradient here
            inputs = inputs.bfloat16()
            weights = {name: weight.bfloat16() for name, weight in weights.items()}
        return functional_call(models[0], (weights, buffers), (inputs, targets))

    gradient = vmap(grad_and_value(loss), randomness="different")

    def step() -> None:
        gradients, _ = gradient(weights, buffers, *next(batches))
        if work.kind == "lstm":
            _clip(gradients.values(), 5)
        for name, weight in weights.items():
            weight.grad = gradients[name].contiguous()
        optimizer.step()

    return step


def _clip(gradients, limit: float) -> None:
    norms = [torch.linalg.vector_norm(one.flatten(1), dim=1) for one in gradients]
    factor = (limit / torch.linalg.vector_norm(torch.stack(norms), dim=0)).clamp(max=1)
    for one in gradients:
        one.mul_(factor.view(-1, *[1] * (one.dim() - 1)))
