"""What both kernels of `lstm_recurrence` share: weights in registers, products, the meeting.

A row of weights is as long as a hidden state in the forward pass (650) and as its gates in the
backward pass (2600), but sizes of tensors in Triton are powers of two. Hence PARTS, three powers of
two that add up to this or a little more.
"""

import triton
import triton.language as tl

SPINS = tl.constexpr(1 << 24)  # looks at the counter before giving up: some ten seconds


@triton.jit
def units_here(width, UNITS: tl.constexpr):
    """The program's hidden units, and which of them exist."""
    unit = tl.program_id(0) * UNITS + tl.arange(0, UNITS)
    return unit, unit < width


@triton.jit
def held_weights(matrix, inputs, stride, at, known, PARTS: tl.constexpr):
    """Load columns of a matrix with `inputs` rows, in three parts (PARTS[k], columns).

    Each column begins at `at`, and its numbers are `stride` apart. known: which columns exist, None
    for all.
    """
    high = _part(matrix, 0, inputs, stride, at, known, PARTS[0])
    middle = _part(matrix, PARTS[0], inputs, stride, at, known, PARTS[1])
    low = _part(matrix, PARTS[0] + PARTS[1], inputs, stride, at, known, PARTS[2])
    return high, middle, low


@triton.jit
def add_product(sums, vector, inputs, weights, PARTS: tl.constexpr):
    """sums + vector W, (columns,), for W as `held_weights` loaded it."""
    sums += _product(vector, 0, inputs, weights[0], PARTS[0])
    sums += _product(vector, PARTS[0], inputs, weights[1], PARTS[1])
    sums += _product(vector, PARTS[0] + PARTS[1], inputs, weights[2], PARTS[2])
    return sums


@triton.jit
def meet(arrived, everybody):
    """Wait until the lane's counter reaches `everybody`, so that all see what each has stored.

    All threads' stores come before the one release, and the acquire before all threads' loads.
    """
    tl.debug_barrier()
    tl.atomic_add(arrived, 1, sem="release", scope="gpu")
    spins = 0
    while tl.atomic_add(arrived, 0, sem="acquire", scope="gpu") < everybody and spins < SPINS:
        spins += 1
    tl.device_assert(spins < SPINS, "programs of a lane did not meet: not all of them were running")
    tl.debug_barrier()


@triton.jit
def _part(matrix, first, inputs, stride, at, known, PART: tl.constexpr):
    """Load PART inputs from `first` on, with zeros where there are none."""
    k = first + tl.arange(0, PART)
    inside = (k < inputs)[:, None]
    if known is not None:
        inside = inside & known[None, :]
    return tl.load(matrix + k[:, None] * stride + at[None, :], mask=inside, other=0.0)


@triton.jit
def _product(vector, first, inputs, weights, PART: tl.constexpr):
    """The product of one part. Other programs wrote the vector, so it bypasses our caches."""
    k = first + tl.arange(0, PART)
    values = tl.load(vector + k, mask=k < inputs, other=0.0, volatile=True)
    return tl.sum(values[:, None] * weights, 0)
