"""The steps of an LSTM layer at batch size 1, its recurrent weights held in registers.

At batch size 1 a step multiplies a vector by all of R, and the steps follow one another: PyTorch
reads R in each of them, 70 times in an unroll of 35 forward and back. Here each program loads the
weights of 16 hidden units once, all four gates of them, keeps them through all steps, and exchanges
the new hidden state (backward: the gradients by z) with the other programs of its lane through
global memory. Between two steps they wait for each other at a counter, so all of them have to be
running: a launch takes no more programs than the GPU has multiprocessors, lanes go group by group,
and the launch is cooperative, which the driver refuses rather than start a part of it. A program
that waits for some ten seconds ends the process with an assertion.

The paper's layer (656 hidden units with what fills them up, float32): R is 6.89 MB, in 41 programs
of 164 KiB. A multiprocessor has 256 KiB of registers and takes one program: 8 warps, 255 registers
a thread, 164 of them weights; compiled for sm_90 nothing is spilled. 132 multiprocessors (H100,
H200) hold 132 // 41 = 3 lanes. A pack of more lanes reads each lane's R once a layer, direction and
unroll, whatever the L2 cache (50 MB) still has of it. What a step takes: docs/kernels.md.

The plain twin is `models.lstm_layer.LstmLayer`. A step alone in a launch runs the same program and
waits for nobody; so it runs where a lane does not fit, and in Triton's interpreter, where programs
go one after another. A lane's bits depend on nothing outside the lane.
"""

from collections.abc import Iterator

import torch
import triton
from torch import Tensor

from largebatch.kernels.lstm_recurrence_backward import backward_steps
from largebatch.kernels.lstm_recurrence_forward import forward_steps

UNITS, WARPS = 16, 8  # of a program; fixed, so that bits are
WIDEST = 704  # hidden units; the weights of more do not fit beside what else a thread needs
APART = 32  # numbers from one lane's counter to the next: a cache line


class Meeting:
    """Where the programs of a lane wait for each other. `like`: any tensor (lanes, ...)."""

    def __init__(self, like: Tensor):
        self.arrived = torch.zeros(len(like), APART, dtype=torch.int32, device=like.device)
        self.places = 0  # programs that run at the same time
        if like.device.type == "cuda":
            self.places = torch.cuda.get_device_properties(like.device).multi_processor_count

    def groups(self, width: int) -> list[slice]:
        """Lanes to launch together, in even parts; none if not even one lane can meet."""
        at_once, lanes = self.places // triton.cdiv(width, UNITS), len(self.arrived)
        if at_once == 0:
            return []
        parts = triton.cdiv(lanes, at_once)
        return [slice(lanes * i // parts, lanes * (i + 1) // parts) for i in range(parts)]


def arranged_like(recurrent: Tensor) -> Tensor:
    """Zeros (lanes, programs, width, 4, UNITS) for recurrent weights (lanes, width, 4 width)."""
    lanes, width, _ = recurrent.shape
    return recurrent.new_zeros(lanes, triton.cdiv(width, UNITS), width, 4, UNITS)


def arrange_(arranged: Tensor, recurrent: Tensor) -> None:
    """Each program's columns next to each other: its units' four gates, row by row."""
    gates = recurrent.unflatten(2, (4, -1))
    whole, rest = divmod(gates.shape[3], UNITS)
    of_whole = gates[..., : whole * UNITS].unflatten(3, (whole, UNITS))
    arranged[:, :whole].copy_(of_whole.permute(0, 3, 1, 2, 4))
    if rest:
        arranged[:, whole, :, :, :rest].copy_(gates[..., whole * UNITS :])


def run_forward(
    z: Tensor,
    arranged: Tensor,
    gates: Tensor,
    cell: Tensor,
    tanh_cell: Tensor,
    hidden: Tensor,
    meeting: Meeting,
) -> None:
    """All steps of g, i, f, o = tanh, sigmoid (z + h R); c <- f c + i g; h <- o tanh(c).

    z, gates: (lanes, time, 1, 4 width), read and written. arranged: as `arrange_` leaves it.
    cell, hidden: (lanes, time + 1, 1, width), the first step is read. tanh_cell: (lanes, time, 1,
    width). float32, each lane contiguous.
    """
    time, width = tanh_cell.shape[1], tanh_cell.shape[3]
    lanes_first = z, arranged, gates, cell, tanh_cell, hidden
    for tensors, first, steps, options in _launches(lanes_first, width, time, meeting):
        programs = triton.cdiv(width, UNITS), len(tensors[0])
        forward_steps[programs](
            *tensors, *_strides(tensors), first, steps, width, _parts(width), UNITS, **options
        )


def run_backward(
    delta: Tensor,
    recurrent: Tensor,
    gates: Tensor,
    cell: Tensor,
    tanh_cell: Tensor,
    slopes: Tensor,
    cell_delta: Tensor,
    meeting: Meeting,
) -> None:
    """Backward through time: from ``delta``, (lanes, time, 1, width), the gradient by the hidden
    states, the gradient by z, ``slopes``.

    gates, cell, tanh_cell: as `run_forward` left them. slopes: (lanes, time + 1, 1, 4 width), the
    last step zeros. cell_delta: (lanes, 1, width), zeros, is written.
    """
    time, width = tanh_cell.shape[1], tanh_cell.shape[3]
    lanes_first = delta, recurrent, gates, cell, tanh_cell, slopes, cell_delta
    for tensors, done, steps, options in _launches(lanes_first, width, time, meeting):
        programs = triton.cdiv(width, UNITS), len(tensors[0])
        last = time - 1 - done
        backward_steps[programs](
            *tensors, *_strides(tensors), last, steps, width, _parts(4 * width), UNITS, **options
        )


def _launches(tensors: tuple[Tensor, ...], width: int, time: int, meeting: Meeting) -> Iterator:
    """(tensors, steps before, steps, options): all steps of some lanes, or one of all lanes."""
    options = {"num_warps": WARPS, "num_stages": 1, "enable_fp_fusion": True}
    options["sanitize_overflow"] = False  # of the assertions, the kernels' own are enough
    tensors = *tensors, meeting.arrived
    groups = meeting.groups(width)
    for lanes in groups:
        meeting.arrived[lanes].zero_()
        yield [t[lanes] for t in tensors], 0, time, options | {"launch_cooperative_grid": True}
    for step in range(0 if groups else time):
        yield tensors, step, 1, options


def _strides(tensors) -> list[int]:
    return [tensor.stride(0) for tensor in tensors]


def _parts(size: int) -> tuple[int, int, int]:
    """Three powers of two with at least the sum `size`, and little more."""
    high = 1 << (size.bit_length() - 1)
    middle = 1 << max((size - high).bit_length() - 1, 0)
    return high, middle, triton.next_power_of_2(max(size - high - middle, 1))
