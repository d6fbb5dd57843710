"""The baseline: each model trained as a good practitioner would in PyTorch, one run at a time.

It has an nn.Module, torch.optim.SGD, a DataLoader over tensors in memory and one thread, and never
reads the loss on the host within the loop. It differs from largebatch only in training runs one by
one.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


class PlainAutoencoder(nn.Module):
    """Sigmoid units, linear code, squared error summed over pixels."""

    def __init__(self, settings: dict, facts: dict):
        super().__init__()
        widths = settings["widths"]
        sizes = [prod(facts["shape"]), *widths, *widths[-2::-1], prod(facts["shape"])]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.code = len(widths) - 1

    def loss(self, inputs: Tensor, _: Tensor) -> Tensor:
        x = inputs = inputs.flatten(1)
        for i, layer in enumerate(self.layers):
            x = layer(x) if i == self.code else torch.sigmoid(layer(x))
        return (x - inputs).square().sum(1).mean()


class PlainBlock(nn.Module):
    """Pre-activation residual block; a 1x1 shortcut shares the pre-activation."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        reshapes = inputs != outputs
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if reshapes else None

    def forward(self, x: Tensor) -> Tensor:
        a = F.relu(self.norm1(x))
        y = self.conv2(F.relu(self.norm2(self.conv1(a))))
        return y + (x if self.shortcut is None else self.shortcut(a))


class PlainWRN(nn.Module):
    """WRN-d-k."""

    def __init__(self, settings: dict, facts: dict):
        super().__init__()
        per_stage, k = (settings["depth"] - 4) // 6, settings["width"]
        layers, inputs = [nn.Conv2d(facts["shape"][0], 16, 3, 1, 1, bias=False)], 16
        for stage, outputs in enumerate((16 * k, 32 * k, 64 * k)):
            for block in range(per_stage):
                stride = 2 if stage > 0 and block == 0 else 1
                layers.append(PlainBlock(inputs, outputs, stride))
                inputs = outputs
        self.body = nn.Sequential(*layers, nn.BatchNorm2d(inputs), nn.ReLU())
        self.linear = nn.Linear(inputs, facts["classes"])

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(self.logits(inputs), targets)

    def logits(self, inputs: Tensor) -> Tensor:
        return self.linear(self.body(inputs).mean((2, 3)))


class PlainLSTM(nn.Module):
    """Zaremba et al.'s LSTM with nn.LSTM (oneDNN's fused kernel on the CPU)."""

    def __init__(self, settings: dict, facts: dict):
        super().__init__()
        hidden, words, self.unroll = settings["hidden"], facts["vocabulary"], settings["unroll"]
        self.embedding, self.decoder = nn.Embedding(words, hidden), nn.Linear(hidden, words)
        rate = settings["dropout"]
        self.lstm = nn.LSTM(hidden, hidden, settings["layers"], dropout=rate, batch_first=True)
        self.dropout, self.hidden = nn.Dropout(rate), None

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        y, hidden = self.lstm(self.dropout(self.embedding(inputs)), self.hidden)
        self.hidden = tuple(state.detach() for state in hidden)
        logits = self.decoder(self.dropout(y))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten()) * self.unroll


PLAIN = {"autoencoder": PlainAutoencoder, "wrn": PlainWRN, "lstm": PlainLSTM}


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """A context for the forward pass: bfloat16 if `precision` is bf16, else no change."""
    if precision != "bf16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def plain_steps(spec: dict, data) -> Iterator[None]:
    """Train for ever; each `next` is one optimizer step of one run."""
    task = spec["task"]
    model, optimizer = build(spec, data.facts)
    while True:
        for inputs, targets in _loader(task, data, spec["batch"]):
            step(model, optimizer, inputs, targets, task.get("clip"))
            yield


def build(spec: dict, facts: dict) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The model and the optimizer of a run."""
    task = spec["task"]
    torch.manual_seed(spec["seed"])
    model = PLAIN[task["model"]["kind"]](task["model"], facts)
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=spec["effective_lr"] * (1 - spec["momentum"]),
        momentum=spec["momentum"],
        weight_decay=task["l2"],
    )
    return model, optimizer


def step(
    model, optimizer: torch.optim.Optimizer, inputs: Tensor, targets: Tensor, clip: dict | None
) -> Tensor:
    """One update; returns the loss before it."""
    optimizer.zero_grad()
    loss = model.loss(inputs, targets)
    loss.backward()
    if clip:
        nn.utils.clip_grad_norm_(model.parameters(), clip["norm"])
    optimizer.step()
    return loss


def _loader(task: dict, data, batch: int):
    if task["model"]["kind"] == "lstm":
        return unrolls(data.train_tokens.long(), batch, task["model"]["unroll"])
    images = data.train_images.float() / 255
    return DataLoader(TensorDataset(images, data.train_labels), batch, shuffle=True, drop_last=True)


def unrolls(tokens: Tensor, batch: int, unroll: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One pass over `batch` streams: inputs and targets (batch, unroll)."""
    streams = tokens[: len(tokens) // batch * batch].view(batch, -1)
    for start in range(0, streams.shape[1] - unroll, unroll):
        window = streams[:, start : start + unroll + 1]
        yield window[:, :-1], window[:, 1:]
