"""The cases that are compared, their order, and how one of them is measured."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import torch
from parts.clock import forget, peak_gib, seconds_a_call
from parts.failures import failed
from parts.workloads import PRECISIONS, Workload

from ways.contenders import COMPILED, CONTENDERS, PACKED, begin

TELLING = 3  # how many workloads come first
MUST = ("largebatch, packed", "plain")


@dataclass(frozen=True)
class Case:
    work: Workload
    name: str
    precision: str

    def __str__(self) -> str:
        return f"{self.work.name}, {self.precision}: {self.name}"


@dataclass(frozen=True)
class Measured:
    """seconds: one step of all lanes."""

    lanes: int
    seconds: float
    gib: float | None


def precisions(kind: str, device: torch.device) -> tuple[str, ...]:
    """Precisions in which a kind of model is measured; fp32 takes too long on a GPU."""
    if device.type == "cpu":
        return ("fp32",)
    return tuple(name for name in PRECISIONS[kind] if name != "fp32")


def in_turn(
    works: list[Workload], contenders: Collection[str], device: torch.device
) -> Iterator[list[Case]]:
    """All cases in groups, those that there may be no time for last; compiled ones on their own."""
    telling, others = works[:TELLING], works[TELLING:]
    rest = tuple(name for name in CONTENDERS if name not in MUST + COMPILED)
    groups = [(telling, MUST + rest), (others, MUST), (telling, COMPILED)]
    for some, names in [*groups, (others, rest), (others, COMPILED)]:
        wanted = [name for name in names if name in contenders]
        if some and wanted:
            yield [
                Case(work, name, precision)
                for name in wanted
                for work in some
                for precision in precisions(work.kind, device)
            ]


def measure_each(
    cases: list[Case], device: torch.device, window: float, until: float
) -> Iterator[tuple[Case, Measured | str]]:
    """Each case with what was measured, or with a sentence that says why nothing was.

    until: a value of time.perf_counter, after which nothing is started.
    """
    data = {}
    for case in cases:
        if time.perf_counter() > until:
            yield case, "no time left"
            continue
        if case.work.name not in data:
            data[case.work.name] = case.work.data(device)
        try:
            found = measure(case, data[case.work.name], device, window)
        except Exception as error:  # one case's failure must not stop the others
            found = failed(error)
        yield case, found
    forget(device)


def measure(case: Case, data, device: torch.device, window: float) -> Measured:
    """Measure one case; a pack that does not fit into memory is halved."""
    lanes = case.work.packs[0] if case.name in PACKED else 1
    while True:
        forget(device)
        try:
            step = begin(case.work, data, case.name, case.precision, lanes, device)
            return Measured(lanes, seconds_a_call(step, device, window), peak_gib(device))
        except torch.OutOfMemoryError:
            if lanes == 1:
                raise
        step, lanes = None, lanes // 2
