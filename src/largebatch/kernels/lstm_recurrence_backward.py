"""The kernel of `lstm_recurrence.run_backward`; a program computes UNITS hidden units of a lane."""

import triton
import triton.language as tl

from largebatch.kernels.lstm_recurrence_pieces import (
    add_product,
    held_weights,
    meet,
    units_here,
)


@triton.jit(debug=True, do_not_specialize=["last", "steps"])
def backward_steps(
    delta, recurrent, gates, cell, tanh_cell, slopes, cell_delta, arrived,
    delta_stride, recurrent_stride, gates_stride, cell_stride, tanh_cell_stride, slopes_stride,
    cell_delta_stride, arrived_stride, last, steps, width, PARTS: tl.constexpr, UNITS: tl.constexpr,
):  # fmt: skip
    """Compute ``slopes``, the gradients of z, for `steps` steps from `last` backwards.

    dh = delta + dz' R^T and dc = f' dc' + dh o (1 - tanh(c)^2), where ' marks the step after. dz is
    dc times what the gate multiplies in c for g, i and f, and dh tanh(c) for o; all four are then
    multiplied by the slope of tanh or sigmoid.

    delta: (lanes, time, width). recurrent: R, (lanes, width, 4 width). slopes: (lanes, time + 1,
    4 width), with zeros after the very last step. cell_delta: (lanes, width), f' dc' for the step
    `last`; on return, f' dc' for the step that follows these backwards. All else is as in
    `forward_steps`.
    """
    lane = tl.program_id(1).to(tl.int64)
    delta += lane * delta_stride
    recurrent += lane * recurrent_stride
    gates += lane * gates_stride
    cell += lane * cell_stride
    tanh_cell += lane * tanh_cell_stride
    slopes += lane * slopes_stride
    cell_delta += lane * cell_delta_stride
    arrived += lane * arrived_stride

    unit, known = units_here(width, UNITS)
    row = unit * 4 * width
    weights = held_weights(recurrent, 4 * width, 1, row, known, PARTS)
    by_cell = tl.load(cell_delta + unit, mask=known, other=0.0)
    for back in range(steps):
        step = last - back
        after = slopes + (step + 1) * 4 * width
        by_hidden = tl.load(delta + step * width + unit, mask=known, other=0.0)
        by_hidden = add_product(by_hidden, after, 4 * width, weights, PARTS)
        g, i, f, o = _gates(gates + step * 4 * width + unit, width, known)
        tanh_c = tl.load(tanh_cell + step * width + unit, mask=known, other=0.0)
        c_before = tl.load(cell + step * width + unit, mask=known, other=0.0)
        by_cell += by_hidden * o * (1 - tanh_c * tanh_c)
        ours = slopes + step * 4 * width + unit
        tl.store(ours, by_cell * i * (1 - g * g), mask=known)
        tl.store(ours + width, by_cell * g * i * (1 - i), mask=known)
        tl.store(ours + 2 * width, by_cell * c_before * f * (1 - f), mask=known)
        tl.store(ours + 3 * width, by_hidden * tanh_c * o * (1 - o), mask=known)
        by_cell *= f
        if back + 1 < steps:
            meet(arrived, (back + 1) * tl.num_programs(0))
    tl.store(cell_delta + unit, by_cell, mask=known)


@triton.jit
def _gates(at, width, known):
    """Load g, i, f, o of each unit; the four are `width` apart."""
    g = tl.load(at, mask=known, other=0.0)
    i = tl.load(at + width, mask=known, other=0.0)
    f = tl.load(at + 2 * width, mask=known, other=0.0)
    o = tl.load(at + 3 * width, mask=known, other=0.0)
    return g, i, f, o
