"""Ways to train one workload in PyTorch; each makes a function that takes one optimizer step.

All of them have their data on the device, gather minibatches by index and read nothing back.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import torch
from parts.own import lanes_of, next_step
from parts.workloads import Workload
from torch import Tensor, nn

from largebatch.training.device import set_up
from largebatch.training.execution import Execution
from ways.plain import PLAIN, autocast, unrolls
from ways.stacked import LR, MOMENTUM, stacked_steps

Step = Callable[[], None]


def begin(work: Workload, data, name: str, precision: str, lanes: int, device) -> Step:
    """Make the contender `name` ready to train; data: on the CPU."""
    set_up(device, precision)
    if not name.startswith("largebatch"):  # PyTorch at its fastest, whatever the bits
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.benchmark = True
    return CONTENDERS[name](work, data, precision, lanes, device)


def own_step(work: Workload, data, precision: str, lanes: int, device) -> Step:
    return next_step(lanes_of(work, precision, data, lanes, Execution(), device))


def plain_step(
    work: Workload, data, precision: str, lanes: int, device, through=lambda loss: loss
) -> Step:
    """The step of one run; `through` wraps the function from a minibatch to its loss."""
    torch.manual_seed(0)
    model = PLAIN[work.kind](work.model, work.facts).to(device)
    if work.kind == "wrn":
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), LR, MOMENTUM, weight_decay=work.l2, fused=True)
    loss, batches = through(model.loss), minibatches(work, _on(data, device), lanes)

    def step() -> None:
        inputs, targets = (part[0] for part in next(batches))
        optimizer.zero_grad()
        with autocast(device, precision):
            value = loss(inputs, targets)
        value.backward()
        if work.kind == "lstm":
            nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()

    return step


def compiled_step(*case) -> Step:
    return plain_step(*case, through=torch.compile)


def graphed_step(*case) -> Step:
    """`compiled_step` with torch.compile's own CUDA graphs."""
    return plain_step(*case, through=_graphed)


def _graphed(loss):
    replayed = torch.compile(loss, mode="reduce-overhead")

    def of_step(inputs: Tensor, targets: Tensor) -> Tensor:
        torch.compiler.cudagraph_mark_step_begin()  # the last step's memory may be reused
        return replayed(inputs, targets)

    return of_step


def vmap_step(work: Workload, data, precision: str, lanes: int, device) -> Step:
    batches = minibatches(work, _on(data, device), lanes)
    return stacked_steps(work, batches, precision, lanes, device)


def minibatches(work: Workload, data, lanes: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (inputs, targets), each (lanes, batch, ...), for ever, gathered on the device."""
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
    while True:
        for inputs, targets in unrolls(tokens, work.batch, work.model["unroll"]):
            yield inputs.expand(lanes, -1, -1), targets.expand(lanes, -1, -1)


def _on(data, device: torch.device) -> SimpleNamespace:
    tensors = {name: part for name, part in vars(data).items() if isinstance(part, Tensor)}
    return SimpleNamespace(**{name: part.to(device) for name, part in tensors.items()})


# The most useful first, the slowest to prepare last.
CONTENDERS = {
    "largebatch, packed": own_step,
    "plain": plain_step,
    "largebatch": own_step,
    "vmap": vmap_step,
    "compile": compiled_step,
    "compile, graphs": graphed_step,
}
PACKED = ("largebatch, packed", "vmap")
COMPILED = ("compile", "compile, graphs")
