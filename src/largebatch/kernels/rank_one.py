"""The backward pass and training step of a dense layer at batch size 1, in one pass over memory.

The weight gradient is x^T delta. If it is stored, it is written and read again; L2, velocity and
weight take a pass each, and the gradient of x one more: eleven numbers move per weight. Here four
do (weight and velocity in and out), two in a lane without momentum. This is what a step costs,
as an auto-encoder at batch size 1 does only three multiplications per number that it moves.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

TILE, COLUMNS = 4096, 1024  # weights that a program takes at a time, and their columns at most
WARPS = 8  # with four, a thread needs so many registers that a multiprocessor is half empty


def descend_dense_plain_(
    weight: Tensor,
    velocity: Tensor,
    x: Tensor,
    delta: Tensor,
    below: Tensor | None,
    m: Tensor,
    e: Tensor,
    l2: float,
) -> None:
    """The twin of `descend_dense_`."""
    if below is not None:
        torch.sum(weight * delta.unsqueeze(1), 2, out=below)
    m, e = m.unsqueeze(2), e.unsqueeze(2)
    new = m * velocity + (x.unsqueeze(2) * delta.unsqueeze(1) + l2 * weight)
    velocity.copy_(torch.where(m > 0, new, velocity))
    weight.sub_(e * new)


def descend_dense_(
    weight: Tensor,
    velocity: Tensor,
    x: Tensor,
    delta: Tensor,
    below: Tensor | None,
    m: Tensor,
    e: Tensor,
    l2: float,
) -> None:
    """below <- delta W^T; v <- m v + (x^T delta + l2 W), W <- W - e v (eq. 8 of the paper).

    weight, velocity: (lanes, inputs, outputs), each lane contiguous, with any stride between lanes.
    x, and `below` unless None: (lanes, inputs); delta: (lanes, outputs); their rows are contiguous.
    m, e: (lanes, 1). The velocity of a lane with m = 0 is neither read nor written.
    """
    lanes, inputs, outputs = weight.shape
    columns = min(COLUMNS, triton.next_power_of_2(outputs))
    rows = TILE // columns
    target = x if below is None else below
    _descend_dense[triton.cdiv(inputs, rows), lanes](
        *(weight, velocity, x, delta, target, m, e, l2, inputs),
        *(weight.stride(0), velocity.stride(0), x.stride(0), delta.stride(0), target.stride(0)),
        *(outputs, below is not None, rows, columns),
        num_warps=WARPS,
    )


@triton.jit
def _descend_dense(
    weight, velocity, x, delta, below, m, e, l2, inputs,
    weight_stride, velocity_stride, x_stride, delta_stride, below_stride,
    OUTPUTS: tl.constexpr, BELOW: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """Update ROWS rows of a lane's weights, COLUMNS columns at a time."""
    lane = tl.program_id(1).to(tl.int64)  # a pack can have more than 2^31 weights
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    known = row < inputs
    x_here = tl.load(x + lane * x_stride + row, mask=known, other=0.0)
    momentum, rate = tl.load(m + lane), tl.load(e + lane)
    by_x = tl.zeros([ROWS], tl.float32)
    for first in range(0, OUTPUTS, COLUMNS):
        column = first + tl.arange(0, COLUMNS)
        inside = known[:, None] & (column < OUTPUTS)[None, :]
        at = row[:, None] * OUTPUTS + column[None, :]
        w_at, v_at = weight + lane * weight_stride + at, velocity + lane * velocity_stride + at
        w = tl.load(w_at, mask=inside, other=0.0)
        d = tl.load(delta + lane * delta_stride + column, mask=column < OUTPUTS, other=0.0)
        if BELOW:
            by_x += tl.sum(w * d[None, :], 1)
        v = x_here[:, None] * d[None, :] + l2 * w
        if momentum > 0:
            v += momentum * tl.load(v_at, mask=inside)
            tl.store(v_at, v, mask=inside)
        tl.store(w_at, w - rate * v, mask=inside)
    if BELOW:
        tl.store(below + lane * below_stride + row, by_x, mask=known)
