"""torch.compile of several cases at once, in a process each; measured one after another.

Compiling takes half a minute or more of a core, and does not wait for the GPU. When all are
compiled, or time is up, those that are ready are measured in turn, with nothing else running.
"""

import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait

import torch
from parts.clock import forget, peak_gib, seconds_a_call
from parts.clock import wait as wait_for
from parts.failures import failed

from ways.cases import Case, Measured
from ways.contenders import begin

AT_ONCE = min(8, max(1, (os.cpu_count() or 1) // 2))
THREADS = "4"  # that each process compiles kernels with
CONVOLVED = ("wrn",)  # kinds for which cuDNN tries its algorithms, which takes some seconds
WARM_UP = 8  # calls: the LSTM compiles twice (it has no state at first), then graphs are recorded


def measure_compiled(
    cases: list[Case], device: torch.device, window: float, until: float
) -> Iterator[tuple[Case, Measured | str]]:
    """Like `measure_each`; what has not been compiled by `until` is ended."""
    for first in range(0, len(cases), AT_ONCE):
        some = cases[first : first + AT_ONCE]
        if time.perf_counter() > until:
            yield from ((case, "no time left") for case in some)
        else:
            yield from _together(some, device, window, until)


def _together(cases, device, window, until) -> Iterator[tuple[Case, Measured | str]]:
    spawn = multiprocessing.get_context("spawn")  # a fork cannot use a GPU that its parent uses
    alone, children = spawn.Lock(), {}
    for case in cases:
        here, there = spawn.Pipe()
        how = there, alone, case, device, window
        child = spawn.Process(target=_child, args=how, daemon=True)
        child.start()
        there.close()
        children[here] = case, child
    ready = {pipe: _answer(pipe) for pipe in _speaking(children, until)}
    for pipe, (_, child) in children.items():
        if ready.get(pipe) != "ready":
            child.kill()
            child.join()
    for pipe, (case, child) in children.items():
        answer = ready.get(pipe, "not compiled in time")
        if answer == "ready":
            answer = _answer(pipe, say="go")
            child.join()
        yield case, answer


def _speaking(pipes: Iterable[Connection], until: float) -> Iterator[Connection]:
    """Yield each pipe once, as soon as it has something to read or its process has ended."""
    silent = set(pipes)
    while silent:
        heard = wait(silent, max(0, until - time.perf_counter()))
        if not heard:
            return
        yield from heard
        silent -= set(heard)


def _answer(pipe: Connection, say: str | None = None) -> Measured | str:
    try:
        if say:
            pipe.send(say)
        return pipe.recv()
    except (EOFError, ConnectionError):
        return "failed: its process has ended"


def _child(pipe: Connection, alone, case: Case, device: torch.device, window: float) -> None:
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", THREADS)
    try:
        data = case.work.data(device)
        if case.work.kind in CONVOLVED:
            with alone:
                _try_algorithms(case, data, device)
        step = begin(case.work, data, case.name, case.precision, 1, device)
        for _ in range(WARM_UP):
            step()
        wait_for(device)
        pipe.send("ready")
        pipe.recv()
        pipe.send(Measured(1, seconds_a_call(step, device, window), peak_gib(device)))
    except Exception as error:  # one case's failure must not stop the others
        pipe.send(failed(error))


def _try_algorithms(case: Case, data, device: torch.device) -> None:
    """Let cuDNN try its algorithms while no other process does; it remembers the results."""
    begin(case.work, data, "plain", case.precision, 1, device)()
    wait_for(device)
    forget(device)
