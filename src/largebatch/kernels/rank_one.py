"""A training step of one example: heavy ball with an outer product as the gradient, in one pass.

At batch size 1 the gradient of a dense layer's weight is x^T delta. Stored, it is written and read
again, and L2, velocity and weight take a pass each: ten numbers move for a weight. Here four do
(weight and velocity in, weight and velocity out), two in a lane without momentum, which is what a
step costs: an auto-encoder at batch size 1 does two multiplications for a number that it moves.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

BLOCK = 1024  # weights a program; fixed, so that a lane's bits do not depend on the pack


def descend_rank_one_plain_(
    weight: Tensor, velocity: Tensor, x: Tensor, delta: Tensor, m: Tensor, e: Tensor, l2: float
) -> None:
    """The twin of `descend_rank_one_`."""
    m, e = m.unsqueeze(2), e.unsqueeze(2)
    gradient = x.unsqueeze(2) * delta.unsqueeze(1) + l2 * weight
    new = m * velocity + gradient
    velocity.copy_(torch.where(m > 0, new, velocity))
    weight.sub_(e * new)


def descend_rank_one_(
    weight: Tensor, velocity: Tensor, x: Tensor, delta: Tensor, m: Tensor, e: Tensor, l2: float
) -> None:
    """v <- m v + (x^T delta + l2 w), w <- w - e v (eq. 8 of the paper), in place.

    weight, velocity: (lanes, inputs, outputs), each lane contiguous, any stride between lanes.
    x: (lanes, inputs), delta: (lanes, outputs), rows contiguous. m, e: (lanes, 1). The velocity of
    a lane with m = 0 is neither read nor written.
    """
    lanes, inputs, outputs = weight.shape
    grid = triton.cdiv(inputs * outputs, BLOCK), lanes
    _descend[grid](
        *(weight, velocity, x, delta, m, e, l2, inputs * outputs, outputs),
        *(weight.stride(0), velocity.stride(0), x.stride(0), delta.stride(0)),
        BLOCK=BLOCK,
    )


@triton.jit
def _descend(
    weight,
    velocity,
    x,
    delta,
    m,
    e,
    l2,
    size,
    outputs,
    weight_stride,
    velocity_stride,
    x_stride,
    delta_stride,
    BLOCK: tl.constexpr,
):
    lane = tl.program_id(1).to(tl.int64)  # a pack's weights can be more than 2^31 numbers
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = place < size
    w_at, v_at = weight + lane * weight_stride + place, velocity + lane * velocity_stride + place
    w, momentum = tl.load(w_at, mask=inside), tl.load(m + lane)
    x_here = tl.load(x + lane * x_stride + place // outputs, mask=inside)
    delta_here = tl.load(delta + lane * delta_stride + place % outputs, mask=inside)
    v = x_here * delta_here + l2 * w
    if momentum > 0:
        v += momentum * tl.load(v_at, mask=inside)
        tl.store(v_at, v, mask=inside)
    tl.store(w_at, w - tl.load(e + lane) * v, mask=inside)
