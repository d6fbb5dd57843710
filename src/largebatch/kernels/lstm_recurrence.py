"""The steps of an LSTM layer at batch size 1, its recurrent weights held in registers.

At batch size 1 a step multiplies a vector by all of R, and the steps follow one another. PyTorch
reads R in each of them, 70 times in an unroll of 35 forward and back. Here each program loads the
weights of 16 hidden units (all four gates) once, keeps them through all steps, and exchanges the
new hidden state (backward: the gradients of z) with the other programs of its lane through global
memory. Between two steps the programs of a lane wait for each other at a counter, so all of them
have to be running. Therefore a launch has no more programs than the GPU has multiprocessors, and
lanes go group by group; the launch is also cooperative, so the driver refuses it rather than start
a part of it. A program that has waited for some ten seconds ends the process with an assertion.

In the paper's layer (656 hidden units with padding, float32) R is 6.89 MB, in 41 programs of 164
KiB. A multiprocessor has 256 KiB of registers and takes one program: 8 warps with 255 registers per
thread, 164 of them weights; compiled for sm_90 nothing is spilled. The 132 multiprocessors of an
H100 or H200 hold 132 // 41 = 3 lanes. In a larger pack each lane's R is read once per layer,
direction and unroll, however much of it the L2 cache (50 MB) still has. docs/kernels.md has the
time of a step.

The plain twin is `models.lstm_layer.LstmLayer`. A launch of a single step runs the same program,
which then waits for nobody. That is used where a lane does not fit, and in Triton's interpreter,
where programs run one after another. A lane's bits depend on nothing outside the lane.
"""

from collections.abc import Iterator

import torch
import triton
from torch import Tensor

from largebatch.kernels.lstm_recurrence_backward import backward_steps
from largebatch.kernels.lstm_recurrence_forward import forward_steps

UNITS, WARPS = 16, 8  # of a program; fixed, so that the bits are, too
WIDEST = 704  # hidden units; with more, the weights do not fit beside what else a thread needs
APART = 32  # numbers from one lane's counter to the next: a cache line


class Meeting:
    """Where the programs of a lane wait for each other. like: any tensor (lanes, ...)."""

    def __init__(self, like: Tensor):
        self.arrived = torch.zeros(len(like), APART, dtype=torch.int32, device=like.device)
        self.places = 0  # programs that can run at the same time
        if like.device.type == "cuda":
            self.places = torch.cuda.get_device_properties(like.device).multi_processor_count

    def groups(self, width: int) -> list[slice]:
        """Lanes to launch together, in even parts; empty if not even one lane can meet."""
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
    """Put each program's columns next to each other: its units' four gates, row by row."""
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
    """Take all steps of g, i, f, o = tanh, sigmoid (z + h R); c <- f c + i g; h <- o tanh(c).

    z (read) and gates (written): (lanes, time, 1, 4 width). arranged: as `arrange_` leaves it.
    cell, hidden: (lanes, time + 1, 1, width), of which the first step is read. tanh_cell: (lanes,
    time, 1, width). All are float32, with each lane contiguous.
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
    """Go backward through time: compute ``slopes``, the gradient of z, from ``delta``.

    delta: the gradient of the hidden states, (lanes, time, 1, width). gates, cell, tanh_cell: as
    `run_forward` left them. slopes: (lanes, time + 1, 1, 4 width), with zeros in the last step.
    cell_delta: (lanes, 1, width), zeros on entry, overwritten.
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
    """Yield (tensors, steps before, steps, options): all steps of some lanes or one of all."""
    options = {"num_warps": WARPS, "num_stages": 1, "enable_fp_fusion": True}
    options["sanitize_overflow"] = False  # the kernels' own assertions are enough
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
    """Three powers of two whose sum is at least `size`, and little more."""
    high = 1 << (size.bit_length() - 1)
    middle = 1 << max((size - high).bit_length() - 1, 0)
    return high, middle, triton.next_power_of_2(max(size - high - middle, 1))
