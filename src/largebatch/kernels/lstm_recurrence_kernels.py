"""The kernels of `lstm_recurrence`: one program holds the recurrent weights of UNITS hidden units.

Every buffer is (lanes, time, width) with any stride between lanes. Both kernels take the steps from
``first`` on, ``steps`` of them, and are one and the same program for one step and for many; only
between two steps of a launch do the programs of a lane wait for each other.

A row of weights is as long as a hidden state forward (650) and as its gates backward (2600), and
tensors in Triton have powers of two for sizes. Hence three parts, HIGH + MIDDLE + LOW.
"""

import triton
import triton.language as tl

SPINS = tl.constexpr(1 << 24)  # looks at the others' counter, half a minute or so: then it is wrong


@triton.jit(debug=True, do_not_specialize=["first", "steps"])
def forward_steps(
    z,
    arranged,
    gates,
    cell,
    tanh_cell,
    hidden,
    arrived,
    z_stride,
    arranged_stride,
    gates_stride,
    cell_stride,
    tanh_cell_stride,
    hidden_stride,
    arrived_stride,
    first,
    steps,
    width,
    HIGH: tl.constexpr,
    MIDDLE: tl.constexpr,
    LOW: tl.constexpr,
    UNITS: tl.constexpr,
):
    """z + h R to gates, cell and hidden state, for each step. cell, hidden: from the past on.

    arranged: the weights as `lstm_recurrence.arrange_` leaves them. A program's columns lie next to
    each other, so that a thread sums its own columns, and little is summed across threads.
    """
    lane = tl.program_id(1).to(tl.int64)
    z, arranged, gates = _of(lane, z, z_stride, arranged, arranged_stride, gates, gates_stride)
    cell += lane * cell_stride
    tanh_cell += lane * tanh_cell_stride
    hidden += lane * hidden_stride
    arrived += lane * arrived_stride

    unit = tl.program_id(0) * UNITS + tl.arange(0, UNITS)
    known = unit < width
    column = tl.arange(0, 4)[:, None] * width + unit[None, :]  # (4, UNITS) of the 4 width
    at = tl.reshape(column, [4 * UNITS])
    of_us = tl.reshape(tl.broadcast_to(known[None, :], [4, UNITS]), [4 * UNITS])
    arranged += tl.program_id(0).to(tl.int64) * width * 4 * UNITS
    side = tl.arange(0, 4 * UNITS)
    everyone = side < 4 * UNITS
    high = _weights(arranged, 0, width, 4 * UNITS, side, everyone, HIGH)
    middle = _weights(arranged, HIGH, width, 4 * UNITS, side, everyone, MIDDLE)
    low = _weights(arranged, HIGH + MIDDLE, width, 4 * UNITS, side, everyone, LOW)

    c = tl.load(cell + first * width + unit, mask=known, other=0.0)
    for step in range(first, first + steps):
        past = hidden + step * width
        here = tl.load(z + step * 4 * width + at, mask=of_us, other=0.0)
        here += _product(past, 0, width, high, HIGH)
        here += _product(past, HIGH, width, middle, MIDDLE)
        here += _product(past, HIGH + MIDDLE, width, low, LOW)
        here = tl.reshape(here, [4, UNITS])
        g, i, f, o = _tanh(_row(here, 0)), _sigmoid(here, 1), _sigmoid(here, 2), _sigmoid(here, 3)
        c = f * c + i * g
        tanh_c = _tanh(c)
        mine = gates + step * 4 * width + unit
        tl.store(mine, g, mask=known)
        tl.store(mine + width, i, mask=known)
        tl.store(mine + 2 * width, f, mask=known)
        tl.store(mine + 3 * width, o, mask=known)
        tl.store(cell + (step + 1) * width + unit, c, mask=known)
        tl.store(tanh_cell + step * width + unit, tanh_c, mask=known)
        tl.store(hidden + (step + 1) * width + unit, o * tanh_c, mask=known)
        if step + 1 < first + steps:
            _meet(arrived, (step - first + 1) * tl.num_programs(0))


@triton.jit(debug=True, do_not_specialize=["last", "steps"])
def backward_steps(
    delta,
    recurrent,
    gates,
    cell,
    tanh_cell,
    slopes,
    cell_delta,
    arrived,
    delta_stride,
    recurrent_stride,
    gates_stride,
    cell_stride,
    tanh_cell_stride,
    slopes_stride,
    cell_delta_stride,
    arrived_stride,
    last,
    steps,
    width,
    HIGH: tl.constexpr,
    MIDDLE: tl.constexpr,
    LOW: tl.constexpr,
    UNITS: tl.constexpr,
):
    """Gradients by z, ``slopes`` (lanes, time + 1, 4 width), from step ``last`` backwards.

    cell_delta: (lanes, width), what the step after leaves of the gradient by the cell. After the
    last step of all stands a step of zeros in ``slopes``.
    """
    lane = tl.program_id(1).to(tl.int64)
    delta, recurrent, gates = _of(
        lane, delta, delta_stride, recurrent, recurrent_stride, gates, gates_stride
    )
    cell, tanh_cell, slopes = _of(
        lane, cell, cell_stride, tanh_cell, tanh_cell_stride, slopes, slopes_stride
    )
    cell_delta += lane * cell_delta_stride
    arrived += lane * arrived_stride

    unit = tl.program_id(0) * UNITS + tl.arange(0, UNITS)
    known = unit < width
    row = unit * 4 * width
    high = _weights(recurrent, 0, 4 * width, 1, row, known, HIGH)
    middle = _weights(recurrent, HIGH, 4 * width, 1, row, known, MIDDLE)
    low = _weights(recurrent, HIGH + MIDDLE, 4 * width, 1, row, known, LOW)

    by_cell = tl.load(cell_delta + unit, mask=known, other=0.0)
    for back in range(steps):
        step = last - back
        after = slopes + (step + 1) * 4 * width
        by_hidden = tl.load(delta + step * width + unit, mask=known, other=0.0)
        by_hidden += _product(after, 0, 4 * width, high, HIGH)
        by_hidden += _product(after, HIGH, 4 * width, middle, MIDDLE)
        by_hidden += _product(after, HIGH + MIDDLE, 4 * width, low, LOW)
        mine = gates + step * 4 * width + unit
        g = tl.load(mine, mask=known, other=0.0)
        i = tl.load(mine + width, mask=known, other=0.0)
        f = tl.load(mine + 2 * width, mask=known, other=0.0)
        o = tl.load(mine + 3 * width, mask=known, other=0.0)
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
            _meet(arrived, (back + 1) * tl.num_programs(0))
    tl.store(cell_delta + unit, by_cell, mask=known)


@triton.jit
def _of(lane, a, a_stride, b, b_stride, c, c_stride):
    return a + lane * a_stride, b + lane * b_stride, c + lane * c_stride


@triton.jit
def _weights(matrix, first, size, stride, at, known, PART: tl.constexpr):
    """(PART, outputs) of a matrix of `size` inputs, from input `first` on."""
    k = first + tl.arange(0, PART)
    inside = (k < size)[:, None] & known[None, :]
    return tl.load(matrix + k[:, None] * stride + at[None, :], mask=inside, other=0.0)


@triton.jit
def _product(vector, first, size, weights, PART: tl.constexpr):
    """Part of a row times a matrix. The row was written by other programs, so no cache of ours."""
    k = first + tl.arange(0, PART)
    values = tl.load(vector + k, mask=k < size, other=0.0, volatile=True)
    return tl.sum(values[:, None] * weights, 0)


@triton.jit
def _row(gates, number):
    """One of the four gates, exactly: the others add zeros."""
    return tl.sum(tl.where(tl.arange(0, 4)[:, None] == number, gates, 0.0), 0)


@triton.jit
def _sigmoid(gates, number):
    return 1.0 / (1.0 + tl.exp(-_row(gates, number)))


@triton.jit
def _tanh(x):
    """By exp where that does not cancel, else by the Taylor series up to x^7."""
    decay = tl.exp(-2.0 * tl.abs(x))
    far = (1.0 - decay) / (1.0 + decay)
    square = x * x
    near = x * (1.0 - square * (1.0 / 3 - square * (2.0 / 15 - square * (17.0 / 315))))
    return tl.where(tl.abs(x) < 0.2, near, tl.where(x < 0, -far, far))


@triton.jit
def _meet(arrived, everybody):
    """Wait until `everybody` of the lane has come, so that all see what each has stored.

    All threads' stores come before the one release, and the acquire before all threads' loads.
    """
    tl.debug_barrier()
    tl.atomic_add(arrived, 1, sem="release", scope="gpu")
    spins = 0
    while tl.atomic_add(arrived, 0, sem="acquire", scope="gpu") < everybody and spins < SPINS:
        spins += 1
    tl.device_assert(spins < SPINS, "programs of a lane did not meet: not all of them were running")
    tl.debug_barrier()
