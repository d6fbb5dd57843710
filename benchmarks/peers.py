"""The same models, data and batch, trained the ways that PyTorch offers: seconds an epoch of a run.

    python3 benchmarks/peers.py            the paper's models on a GPU
    python3 benchmarks/peers.py --small    small models on the CPU, a minute
    python3 benchmarks/peers.py --without compile --only wrn

`plain` is a loop over nn.Module and torch.optim.SGD; `compile` the same through torch.compile;
`vmap` is torch.func: stacked models, vmap of grad, with batch norm's running statistics left out
(vmap cannot update them) and an LSTM of cells (it has no rule for the fused one). All of them find
their data on the device and gather a minibatch by index, as largebatch does. Nothing is evaluated.

`compile` comes last, since compiling takes longest; nothing is begun when time is up. What there is
of the table is written after each contender. One that fails is named, and the exit code is 1.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from clock import forget, peak_gib, pick, seconds_a_call
from gpu import lanes_of, next_step
from plain import PLAIN
from rows import RESULTS, machine, save, show
from stacked import LR, MOMENTUM, stacked_steps
from torch import Tensor, nn
from workloads import Workload, paper, small

from largebatch.training.device import set_up
from largebatch.training.execution import Execution

WIDTHS = {"wrn": 4, "autoencoder": 16, "lstm": 3}
BUDGET = 400.0  # seconds; the command has to end in under 9 minutes, one compilation included


def main() -> int:
    options = _options()
    device, started = pick(options.small), time.perf_counter()
    facts = machine(device) | {"command": " ".join(sys.argv)}
    works = [w for w in (small() if options.small else paper()) if options.only in w.name]
    data = {work.name: _on(work.data(), device) for work in works}
    rows, failures = [], []
    for name in (n for n in CONTENDERS if n not in options.without.split(",")):
        for work in works:
            if time.perf_counter() - started > options.seconds:
                print(f"{work.name}: no time left for {name}")
                continue
            try:
                rows.append(measure(work, data[work.name], name, device, options.window))
            except Exception as error:  # one contender's fault is not the others'
                failures.append(f"{work.name}: {name}: failed: {error!r}")
                traceback.print_exc()
            else:
                save("peers", rows, facts, options.out)
    rows.sort(key=lambda row: [work.name for work in works].index(row["workload"]))
    if rows:
        show(rows)
        print(save("peers", rows, facts, options.out))
    print(f"{time.perf_counter() - started:.0f} s", *failures, sep="\n")
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="small models on the CPU")
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--without", default="", help="contenders to leave out, with commas")
    parser.add_argument("--window", type=float, default=1.0, help="seconds a measurement")
    parser.add_argument("--seconds", type=float, default=BUDGET, help="start nothing after that")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the table")
    return parser.parse_args()


def measure(work: Workload, data, name: str, device: torch.device, window: float) -> dict:
    """One row; all in one process and precision (tf32 on a GPU, fp32 on a CPU)."""
    forget(device)
    set_up(device, "tf32")
    if not name.startswith("largebatch"):  # as PyTorch is by itself
        torch.use_deterministic_algorithms(False)
    lanes = WIDTHS[work.kind] if name in PACKED else 1
    step = CONTENDERS[name](work, data, device, lanes)
    seconds = seconds_a_call(step, device, window) / lanes
    return {
        "workload": work.name,
        "contender": name,
        "lanes": lanes,
        "us a run-step": 1e6 * seconds,
        "s an epoch": seconds * work.steps,
        "GiB": peak_gib(device),
    }


def plain_step(
    work: Workload, data, device, lanes: int, through=lambda loss: loss
) -> Callable[[], None]:
    """One optimizer step a call, of one lane; `through` wraps the loss."""
    torch.manual_seed(0)
    model = PLAIN[work.kind](work.model, data.facts).to(device)
    if work.kind == "wrn":
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), LR, MOMENTUM, weight_decay=work.l2)
    loss, batches = through(model.loss), minibatches(work, data, lanes)

    def step() -> None:
        inputs, targets = (part[0] for part in next(batches))
        optimizer.zero_grad()
        loss(inputs, targets).backward()
        if work.kind == "lstm":
            nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    return step


def compiled_step(work: Workload, data, device, lanes: int) -> Callable[[], None]:
    return plain_step(work, data, device, lanes, torch.compile)


def vmap_step(work: Workload, data, device, lanes: int) -> Callable[[], None]:
    return stacked_steps(work, minibatches(work, data, lanes), device, lanes)


def own_step(work: Workload, data, device, lanes: int) -> Callable[[], None]:
    return next_step(lanes_of(work, "tf32", data, lanes, Execution(), device))


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


CONTENDERS = {
    "plain": plain_step,
    "largebatch": own_step,
    "largebatch, packed": own_step,
    "vmap": vmap_step,
    "compile": compiled_step,
}
PACKED = ("vmap", "largebatch, packed")

if __name__ == "__main__":
    sys.exit(main())
