"""Runs all programs of a launch at the same time in Triton's interpreter, each in a process.

The interpreter alone would run them one after another, but these wait for each other. A script of
its own, since it forks. Prints what differs in any bit from one launch per step: nothing.

    TRITON_INTERPRET=1 python tests/kernels/side_by_side.py
"""

import multiprocessing
import sys
from dataclasses import dataclass
from itertools import product

import torch
from recurrent_layer import layer_of
from triton.runtime import JITFunction
from triton.runtime.interpreter import interpreter_builder

from largebatch.kernels import lstm_recurrence
from largebatch.models.lstm_stationary import StationaryLstmLayer

WIDTH, LANES, TIME = 40, 2, 6
PLACES = 6  # three programs for each of two lanes
SECONDS = 60.0
NAMES = "gates", "cell", "tanh_cell", "hidden", "slopes"


@dataclass
class AtTheSameTime:
    """In place of a kernel: `kernel[grid](*arguments)` forks a process per program."""

    kernel: JITFunction
    grid: tuple[int, int] = (1, 1)

    def __getitem__(self, grid: tuple[int, int]) -> "AtTheSameTime":
        return AtTheSameTime(self.kernel, grid)

    def __call__(self, *arguments, **options) -> None:
        for argument in arguments:
            if isinstance(argument, torch.Tensor):
                argument.untyped_storage().share_memory_()
        fork = multiprocessing.get_context("fork")
        places = product(range(self.grid[0]), range(self.grid[1]))
        programs = [fork.Process(target=self._one, args=(at, arguments)) for at in places]
        for program in programs:
            program.start()
        for program in programs:
            program.join(SECONDS)
            program.kill()
        if any(program.exitcode != 0 for program in programs):
            sys.exit(f"programs ended with {[program.exitcode for program in programs]}")

    def _one(self, at: tuple[int, int], arguments: tuple) -> None:
        builder = interpreter_builder
        builder.set_grid_dim = lambda *_: setattr(builder, "grid_dim", (*self.grid, 1))
        builder.set_grid_idx = lambda *_: setattr(builder, "grid_idx", (*at, 0))
        self.kernel[1, 1](*arguments)


def computed(places: int) -> list[torch.Tensor]:
    layer = layer_of(StationaryLstmLayer, WIDTH, LANES, TIME, "cpu")
    layer._meeting.places = places
    layer._step_forward()
    layer._step_backward()
    return [getattr(layer, name) for name in NAMES]


if __name__ == "__main__":
    step_by_step = computed(places=0)
    for kernel in ("forward_steps", "backward_steps"):
        setattr(lstm_recurrence, kernel, AtTheSameTime(getattr(lstm_recurrence, kernel)))
    together = computed(PLACES)
    pairs = zip(NAMES, step_by_step, together, strict=True)
    print(*[name for name, one, other in pairs if not torch.equal(one, other)])
