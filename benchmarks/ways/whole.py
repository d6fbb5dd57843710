"""Whole runs in plain PyTorch: the models of `plain`, with initial weights, crops, rates and tests.

It is written from the settings of a run with torch.nn and torch.optim alone, so that it can be held
against largebatch: nothing that trains there is imported here.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ways.plain import build, step, unrolls

CONNECTIONS = 15  # of each unit of a sparse layer (Martens 2010)
CHUNK = 500  # test images at a time
WORDS = 256  # test words at a time

Minibatches = Iterator[tuple[Tensor, Tensor]]


def trained(spec: dict, data) -> dict[str, float]:
    """Train the run `spec` on a prepared data set; its last metrics, as run tables name them.

    train_loss is the mean over the last epoch's minibatches as trained, without L2.
    """
    torch.set_flush_denormal(True)
    task, settings = spec["task"], spec["task"]["model"]
    model, optimizer = build(spec, data.facts)
    initialise(model, settings)
    (group,) = optimizer.param_groups
    rate = group["lr"]
    for epoch in range(1, task["epochs"] + 1):
        group["lr"] = rate * factor(task["schedule"], epoch)
        loss = _epoch(model, optimizer, minibatches(task, data, spec["batch"]), task.get("clip"))
    model.eval()
    with torch.no_grad():
        tests = tested(model, settings["kind"], data)
    return {"train_loss": loss / settings.get("unroll", 1), **tests}


def _epoch(model, optimizer, data: Minibatches, clip: dict | None) -> float:
    """The mean loss of an epoch of training."""
    model.train()
    model.hidden = None  # of an LSTM
    losses = [step(model, optimizer, *minibatch, clip).detach() for minibatch in data]
    return float(torch.stack(losses).double().mean())


def factor(schedule: dict, epoch: int) -> float:
    """The learning rate in epoch 1, 2, ... relative to the first; see config/studies/paper.yaml."""
    if schedule["kind"] == "constant" or epoch <= schedule["constant"]:
        return 1.0
    return schedule["factor"] ** (1 + (epoch - schedule["constant"] - 1) // schedule["every"])


def initialise(model: nn.Module, settings: dict) -> None:
    """Sparse (auto-encoder), uniform (LSTM) or He's (wide ResNet) weights."""
    if settings["kind"] == "lstm":
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -settings["init_scale"], settings["init_scale"])
        return
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.zeros_(layer.bias)
            if settings["kind"] == "autoencoder":
                _make_sparse(layer.weight)


@torch.no_grad()
def _make_sparse(weight: Tensor) -> None:
    weight.zero_()
    for unit in weight:
        unit[torch.randperm(len(unit))[:CONNECTIONS]] = torch.randn(min(CONNECTIONS, len(unit)))


def minibatches(task: dict, data, batch: int) -> Minibatches:
    """One epoch: unrolled streams of words, or shuffled images, cropped and flipped."""
    if task["model"]["kind"] == "lstm":
        yield from unrolls(data.train_tokens.long(), batch, task["model"]["unroll"])
        return
    kind, augmentation = task["model"]["kind"], task.get("augmentation")
    for chosen in torch.randperm(len(data.train_images)).split(batch):
        if len(chosen) == batch:
            images = data.train_images[chosen]
            images = cropped(images, augmentation) if augmentation else images
            yield scaled(images, kind, data.facts), data.train_labels[chosen]


def scaled(images: Tensor, kind: str, facts: dict) -> Tensor:
    """In [0, 1] for an auto-encoder, else each channel with mean 0 and deviation 1."""
    images = images.float() / 255
    if kind == "autoencoder":
        return images
    mean, std = (torch.tensor(facts[key]).view(-1, 1, 1) for key in ("mean", "std"))
    return (images - mean) / std


def cropped(images: Tensor, augmentation: dict) -> Tensor:
    """Each image padded, then a random window of it, mirrored or not; one image at a time."""
    pad, (height, width) = augmentation["pad"], images.shape[2:]
    mode = {"reflect": "reflect", "zero": "constant"}[augmentation["padding"]]
    padded = F.pad(images.float(), (pad, pad, pad, pad), mode=mode)
    corners = torch.randint(2 * pad + 1, (len(images), 2)).tolist()
    mirrored = (torch.rand(len(images)) < 0.5 * augmentation["flip"]).tolist()
    windows = [
        image[:, top : top + height, left : left + width]
        for image, (top, left) in zip(padded, corners, strict=True)
    ]
    return torch.stack([w.flip(2) if m else w for w, m in zip(windows, mirrored, strict=True)])


def tested(model, kind: str, data) -> dict[str, float]:
    """Error of an auto-encoder, accuracy of a wide ResNet, loss per word of an LSTM."""
    if kind == "lstm":
        return {"test_loss": _loss_per_word(model, data.test_tokens.long())}
    parts = data.test_images.split(CHUNK), data.test_labels.split(CHUNK)
    chunks = [
        (scaled(images, kind, data.facts), labels) for images, labels in zip(*parts, strict=True)
    ]
    if kind == "wrn":
        right = [model.logits(images).argmax(1) == labels for images, labels in chunks]
        return {"test_accuracy": float(torch.cat(right).double().mean())}
    total = sum(float(model.loss(images, labels)) * len(images) for images, labels in chunks)
    return {"test_loss": total / len(data.test_images)}


def _loss_per_word(model, words: Tensor) -> float:
    """Of one stream from start to end, with the state carried on."""
    total, hidden = 0.0, None
    for first in range(0, len(words) - 1, WORDS):
        window = words[first : first + WORDS + 1]
        output, hidden = model.lstm(model.embedding(window[None, :-1]), hidden)
        loss = F.cross_entropy(model.decoder(output[0]), window[1:], reduction="sum")
        total += float(loss)
    return total / (len(words) - 1)
