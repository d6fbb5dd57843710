"""The kernel of `lstm_recurrence.run_forward`; a program computes UNITS hidden units of a lane."""

import triton
import triton.language as tl

from largebatch.kernels.lstm_recurrence_pieces import (
    add_product,
    held_weights,
    meet,
    units_here,
)


@triton.jit(debug=True, do_not_specialize=["first", "steps"])
def forward_steps(
    z, arranged, gates, cell, tanh_cell, hidden, arrived,
    z_stride, arranged_stride, gates_stride, cell_stride, tanh_cell_stride, hidden_stride,
    arrived_stride, first, steps, width, PARTS: tl.constexpr, UNITS: tl.constexpr,
):  # fmt: skip
    """g, i, f, o = tanh, sigmoid (z + h R); c <- f c + i g; h <- o tanh(c), for each step.

    It takes `steps` steps from `first` on. z, gates: (lanes, time, 4 width). tanh_cell: (lanes,
    time, width). cell, hidden: (lanes, time + 1, width), beginning with the past. Strides are those
    of a lane. arranged: R as `lstm_recurrence.arrange_` leaves it; a program's columns are next to
    each other, so that a thread sums its own columns and little is summed across threads.
    """
    lane = tl.program_id(1).to(tl.int64)
    z += lane * z_stride
    arranged += lane * arranged_stride
    gates += lane * gates_stride
    cell += lane * cell_stride
    tanh_cell += lane * tanh_cell_stride
    hidden += lane * hidden_stride
    arrived += lane * arrived_stride

    unit, known = units_here(width, UNITS)
    column, inside = _columns(unit, known, width, UNITS)
    arranged += tl.program_id(0).to(tl.int64) * width * 4 * UNITS  # to the program's columns
    side_by_side = tl.arange(0, 4 * UNITS)
    weights = held_weights(arranged, width, 4 * UNITS, side_by_side, None, PARTS)
    c = tl.load(cell + first * width + unit, mask=known, other=0.0)
    for step in range(first, first + steps):
        past = hidden + step * width
        here = tl.load(z + step * 4 * width + column, mask=inside, other=0.0)
        here = add_product(here, past, width, weights, PARTS)
        g, i, f, o = _activated(tl.reshape(here, [4, UNITS]))
        c = f * c + i * g
        tanh_c = _tanh(c)
        _store_gates(gates + step * 4 * width + unit, width, known, g, i, f, o)
        tl.store(cell + (step + 1) * width + unit, c, mask=known)
        tl.store(tanh_cell + step * width + unit, tanh_c, mask=known)
        tl.store(hidden + (step + 1) * width + unit, o * tanh_c, mask=known)
        if step + 1 < first + steps:
            meet(arrived, (step - first + 1) * tl.num_programs(0))


@triton.jit
def _columns(unit, known, width, UNITS: tl.constexpr):
    """Where each unit's four gates are among the 4 width, and which exist: (4 UNITS,) each."""
    column = tl.arange(0, 4)[:, None] * width + unit[None, :]
    inside = tl.broadcast_to(known[None, :], [4, UNITS])
    return tl.reshape(column, [4 * UNITS]), tl.reshape(inside, [4 * UNITS])


@triton.jit
def _activated(z):
    """g, i, f, o, (UNITS,) each, from (4, UNITS)."""
    return _tanh(_row(z, 0)), _sigmoid(_row(z, 1)), _sigmoid(_row(z, 2)), _sigmoid(_row(z, 3))


@triton.jit
def _store_gates(at, width, known, g, i, f, o):
    """Store g, i, f, o of each unit; the four are `width` apart."""
    tl.store(at, g, mask=known)
    tl.store(at + width, i, mask=known)
    tl.store(at + 2 * width, f, mask=known)
    tl.store(at + 3 * width, o, mask=known)


@triton.jit
def _row(z, number):
    """One of the four rows, exactly, as the others add zeros."""
    return tl.sum(tl.where(tl.arange(0, 4)[:, None] == number, z, 0.0), 0)


@triton.jit
def _sigmoid(x):
    return 1.0 / (1.0 + tl.exp(-x))


@triton.jit
def _tanh(x):
    """tanh by exp where that does not cancel, else by the Taylor series up to x^7."""
    decay = tl.exp(-2.0 * tl.abs(x))
    far = (1.0 - decay) / (1.0 + decay)
    square = x * x
    near = x * (1.0 - square * (1.0 / 3 - square * (2.0 / 15 - square * (17.0 / 315))))
    return tl.where(tl.abs(x) < 0.2, near, tl.where(x < 0, -far, far))
