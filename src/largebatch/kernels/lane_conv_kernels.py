"""The kernels of `lane_conv`: matrix products of weights with boxes that the copy engine fetches.

Maps that a convolution shifts are described as (images, rows / STRIDE, STRIDE, columns / STRIDE,
STRIDE * lanes * channels), where the pixels that one tap reads are neighbours. A box (BOX, with 1
for the stride's dimension, and channels) reads zeros outside the map, which is the convolution's
padding. Reshaped to (pixels, channels), it has the form of PIXELS rows of a map that is not
shifted, (all pixels, lanes * channels). Weights are rows (lanes * outputs, taps * inputs). Pixels
come second in a product, because what is reshaped stays in shared memory only as second factor.

INPUTS, OUTPUTS: channels of a tile, divisors of `inputs` and `outputs`. COMPUTE: the dtype that is
multiplied, bfloat16, or float32 in Triton's interpreter, which does not know bfloat16.
"""

import triton
import triton.language as tl


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns"])
def forward(
    x, weight, y, inputs, outputs, rows, columns, SIZE: tl.constexpr, STRIDE: tl.constexpr,
    PIXELS: tl.constexpr, INPUTS: tl.constexpr, OUTPUTS: tl.constexpr, COMPUTE: tl.constexpr,
):  # fmt: skip
    """y[p, o] = the sum over taps and inputs of x[STRIDE p + tap, i] weight[o, tap, i].

    Program: (tile of outputs and of pixels, 0, lane). rows, columns: of y.
    """
    lane, tiles = tl.program_id(2), outputs // OUTPUTS
    output = lane * outputs + tl.program_id(0) % tiles * OUTPUTS
    pixel = tl.program_id(0) // tiles * PIXELS
    image, row = pixel // (rows * columns), pixel // columns % rows
    total = tl.zeros([OUTPUTS, PIXELS], tl.float32)
    steps = inputs // INPUTS
    for step in range(SIZE * SIZE * steps):
        tap, channel = step // steps, step % steps * INPUTS
        down, odd_row = shift(tap // SIZE - SIZE // 2, STRIDE)
        right, odd_column = shift(tap % SIZE - SIZE // 2, STRIDE)
        first = (odd_column * tl.num_programs(2) + lane) * inputs + channel
        of_x = x.load([image, row + down, odd_row, right, first]).reshape([PIXELS, INPUTS])
        of_tap = weight.load([output, tap * inputs + channel])
        total = tl.dot(of_tap.to(COMPUTE), tl.trans(of_x.to(COMPUTE)), total)
    y.store([pixel, output], tl.trans(total.to(tl.bfloat16)))


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns"])
def by_input(
    dy, weight, dx, inputs, outputs, rows, columns, SIZE: tl.constexpr, STRIDE: tl.constexpr,
    BOX: tl.constexpr, PIXELS: tl.constexpr, INPUTS: tl.constexpr, OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):  # fmt: skip
    """dx[STRIDE p + kind, i] = the sum over that kind's taps, and outputs, of dy weight.

    Program: (tile of inputs and of p, kind, lane). rows, columns: of dy. Pixels with even and odd
    rows and columns meet different taps, so no product is with a zero that a stride put there.
    """
    lane, tiles = tl.program_id(2), inputs // INPUTS
    kind = STRIDE * STRIDE - 1 - tl.program_id(1)  # those with the most taps first
    odd_row, odd_column = kind // STRIDE, kind % STRIDE
    channel = tl.program_id(0) % tiles * INPUTS
    pixel = tl.program_id(0) // tiles * PIXELS
    image, row = pixel // (rows * columns), pixel // columns % rows
    down, right = _taps(odd_row, SIZE, STRIDE), _taps(odd_column, SIZE, STRIDE)
    total = tl.zeros([INPUTS, PIXELS], tl.float32)
    steps = outputs // OUTPUTS
    for step in range(down * right * steps):
        number, output = step // steps, lane * outputs + step % steps * OUTPUTS
        tap_row, up = _met(number // right, odd_row, SIZE, STRIDE)
        tap_column, left = _met(number % right, odd_column, SIZE, STRIDE)
        of_y = dy.load([image, row + up, 0, left, output]).reshape([PIXELS, OUTPUTS])
        of_tap = weight.load([output, (tap_row * SIZE + tap_column) * inputs + channel])
        total = tl.dot(tl.trans(of_tap.to(COMPUTE)), tl.trans(of_y.to(COMPUTE)), total)
    box = tl.trans(total.to(tl.bfloat16)).reshape([BOX[0], BOX[1], 1, BOX[2], INPUTS])
    first = (odd_column * tl.num_programs(2) + lane) * inputs + channel
    dx.store([image, row, odd_row, 0, first], box)


@triton.jit
def shift(by, STRIDE: tl.constexpr):
    """Where the pixel STRIDE p + by is in a map described in strides: at (p + first, second)."""
    return (by + STRIDE) // STRIDE - 1, (by + STRIDE) % STRIDE


@triton.jit
def _taps(odd, SIZE: tl.constexpr, STRIDE: tl.constexpr):
    """How many of SIZE taps in a row (or column) meet pixels of this kind."""
    return SIZE if STRIDE == 1 else (1 + odd if SIZE == 3 else 1 - odd)


@triton.jit
def _met(number, odd, SIZE: tl.constexpr, STRIDE: tl.constexpr):
    """A tap's number, and what to add to p for the output pixel that it leads to."""
    if STRIDE == 1:
        return number, SIZE // 2 - number
    if SIZE == 1:
        return number, number
    return 1 - odd + 2 * number, odd - number
