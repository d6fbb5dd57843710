"""The same models, data and batch, trained the ways that PyTorch offers: seconds an epoch of a run.

    python3 benchmarks/peers.py            the paper's models on a GPU
    python3 benchmarks/peers.py --small    small models on the CPU, a minute
    python3 benchmarks/peers.py --without compile --only wrn

`plain` is a loop over nn.Module and torch.optim.SGD; `compile` the same through torch.compile;
`vmap` is torch.func: stacked models, vmap of grad, with batch norm's running statistics left out
(vmap cannot update them) and an LSTM of cells (it has no rule for the fused one). All of them find
their data on the device and gather a minibatch by index, as largebatch does. Nothing is evaluated.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from clock import forget, peak_gib, pick, seconds_a_call
from gpu import lanes_of
from plain import PLAIN
from rows import RESULTS, machine, save, show
from stacked import LR, MOMENTUM, stacked_steps
from torch import Tensor, nn
from workloads import Workload, paper, small

from largebatch.training.device import set_up
from largebatch.training.execution import Execution

WIDTHS = {"wrn": 4, "autoencoder": 16, "lstm": 4}


def main() -> None:
    options = _options()
    device = pick(options.small)
    rows = []
    for work in small() if options.small else paper():
        if options.only in work.name:
            rows += measure(work, device, options)
            show(rows[-1:] if len(rows) == 1 else [r for r in rows if r["workload"] == work.name])
    facts = machine(device) | {"command": " ".join(sys.argv)}
    print(save("peers", rows, facts, options.out))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="small models on the CPU")
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--without", default="", help="contenders to leave out, with commas")
    parser.add_argument("--window", type=float, default=1.0, help="seconds a measurement")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the table")
    return parser.parse_args()


def measure(work: Workload, device: torch.device, options) -> Iterator[dict]:
    """One row a contender, in one process and precision (tf32 on a GPU, fp32 on a CPU)."""
    data, width = _on(work.data(), device), WIDTHS[work.kind]
    contenders = {
        "plain": (1, lambda: plain_step(work, data, device)),
        "compile": (1, lambda: plain_step(work, data, device, torch.compile)),
        "vmap": (
            width,
            lambda: stacked_steps(work, minibatches(work, data, width), device, width),
        ),
        "largebatch": (1, lambda: own_step(work, data, device, 1)),
        "largebatch, packed": (width, lambda: own_step(work, data, device, width)),
    }
    for name, (lanes, make) in contenders.items():
        if name in options.without.split(","):
            continue
        forget(device)
        set_up(device, "tf32")
        if not name.startswith("largebatch"):  # as PyTorch is by itself
            torch.use_deterministic_algorithms(False)
        seconds = seconds_a_call(make(), device, options.window) / lanes
        yield {
            "workload": work.name,
            "contender": name,
            "lanes": lanes,
            "us a run-step": 1e6 * seconds,
            "s an epoch": seconds * work.steps,
            "GiB": peak_gib(device),
        }


def plain_step(work: Workload, data, device, through=lambda step: step) -> Callable[[], None]:
    """One optimizer step a call; `through` wraps the loss."""
    torch.manual_seed(0)
    model = PLAIN[work.kind](work.model, data.facts).to(device)
    if work.kind == "wrn":
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), LR, MOMENTUM, weight_decay=work.l2)
    loss, batches = through(model.loss), minibatches(work, data, 1)

    def step() -> None:
        inputs, targets = (part[0] for part in next(batches))
        optimizer.zero_grad()
        loss(inputs, targets).backward()
        if work.kind == "lstm":
            nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    return step


def own_step(work: Workload, data, device, lanes: int) -> Callable[[], None]:
    steps = lanes_of(work, "tf32", data, lanes, Execution(), device)
    number = iter(range(10**9))

    def step() -> None:
        here = next(number) % steps.feed.steps
        if here == 0:
            steps.start_epoch(1, 1.0)
        steps.take(here)

    return step


def minibatches(work: Workload, data, lanes: int) -> Iterator[tuple[Tensor, Tensor]]:
    """(lanes, batch, ...) of inputs and targets for ever, gathered on the device."""
    if work.kind == "lstm":
        yield from _unrolls(work, data.train_tokens.long(), lanes)
    images, labels = data.train_images, data.train_labels
    while True:
        order = torch.stack(
            [torch.randperm(len(images), device=images.device) for _ in range(lanes)]
        )
        for part in order[:, : work.steps * work.batch].split(work.batch, 1):
            inputs = images[part].float().div_(255)
            yield (inputs.flatten(2) if work.kind == "autoencoder" else inputs), labels[part]


def _unrolls(work: Workload, tokens: Tensor, lanes: int) -> Iterator[tuple[Tensor, Tensor]]:
    streams = tokens[: len(tokens) // work.batch * work.batch].view(work.batch, -1)
    unroll = work.model["unroll"]
    while True:
        for start in range(0, streams.shape[1] - unroll, unroll):
            window = streams[:, start : start + unroll + 1].expand(lanes, -1, -1)
            yield window[:, :, :-1], window[:, :, 1:]


def _on(data, device: torch.device):
    for name, value in vars(data).items():
        if isinstance(value, Tensor):
            setattr(data, name, value.to(device))
    return data


if __name__ == "__main__":
    main()
