"""The kernels of `lane_conv`: matrix products of weights with boxes that the copy engine fetches.

Maps that a convolution shifts are described as (images, rows / STRIDE, STRIDE, columns / STRIDE,
STRIDE * lanes * channels): there the pixels that one tap reads are neighbours. A box (BOX, 1 where
there is a stride, channels) reads zeros outside the map, which is the convolution's padding; as
(pixels, channels) it is PIXELS rows of a map that is not shifted, (all pixels, lanes * channels).
Weights are rows (lanes * outputs, taps * inputs). Pixels come second in a product: what is reshaped
stays in shared memory as the second factor only.

INPUTS, OUTPUTS: channels of a tile, divisors of `inputs` and `outputs`. COMPUTE is what is
multiplied: bfloat16, and float32 in Triton's interpreter, which does not know the other.
"""

import triton
import triton.language as tl

UNROLLED = tl.constexpr(8)  # parts that are read at the same time


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns"])
def forward(
    x,
    weight,
    y,
    inputs,
    outputs,
    rows,
    columns,
    SIZE: tl.constexpr,
    STRIDE: tl.constexpr,
    PIXELS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """y[p, o] = the sum over taps and inputs of x[STRIDE p + tap, i] weight[o, tap, i].

    Program (a tile of outputs and of pixels, 0, lane); rows, columns: of y.
    """
    lane, tiles = tl.program_id(2), outputs // OUTPUTS
    output = lane * outputs + tl.program_id(0) % tiles * OUTPUTS
    pixel = tl.program_id(0) // tiles * PIXELS
    image, row = pixel // (rows * columns), pixel // columns % rows
    total = tl.zeros([OUTPUTS, PIXELS], tl.float32)
    steps = inputs // INPUTS
    for step in range(SIZE * SIZE * steps):
        tap, channel = step // steps, step % steps * INPUTS
        down, odd_row = _shift(tap // SIZE - SIZE // 2, STRIDE)
        right, odd_column = _shift(tap % SIZE - SIZE // 2, STRIDE)
        first = (odd_column * tl.num_programs(2) + lane) * inputs + channel
        of_x = x.load([image, row + down, odd_row, right, first]).reshape([PIXELS, INPUTS])
        of_tap = weight.load([output, tap * inputs + channel])
        total = tl.dot(of_tap.to(COMPUTE), tl.trans(of_x.to(COMPUTE)), total)
    y.store([pixel, output], tl.trans(total.to(tl.bfloat16)))


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns"])
def by_input(
    dy,
    weight,
    dx,
    inputs,
    outputs,
    rows,
    columns,
    SIZE: tl.constexpr,
    STRIDE: tl.constexpr,
    BOX: tl.constexpr,
    PIXELS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """dx[STRIDE p + kind, i] = the sum over that kind's taps, and outputs, of dy weight.

    Program (a tile of inputs and of p, kind, lane); rows, columns: of dy. Pixels whose row and
    column are even or odd meet different taps: no product is with a zero that a stride put there.
    """
    lane, tiles = tl.program_id(2), inputs // INPUTS
    kind = STRIDE * STRIDE - 1 - tl.program_id(1)  # those of most taps first
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


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns", "pixels", "tiles"])
def partial_by_weight(
    x,
    dy,
    sums,
    inputs,
    outputs,
    rows,
    columns,
    pixels,
    tiles,
    SIZE: tl.constexpr,
    STRIDE: tl.constexpr,
    PIXELS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """sums[lane, part, tile, tap, o, i] = the sum over a part's p of dy[p, o] x[STRIDE p + tap, i].

    Program (a tile of outputs and of inputs, a row of taps and a part, lane); rows, columns,
    pixels: of dy. A part has so many tiles of pixels, or what is left.
    """
    lane, part, tap_row = tl.program_id(2), tl.program_id(1) // SIZE, tl.program_id(1) % SIZE
    blocks = inputs // INPUTS
    output, channel = tl.program_id(0) // blocks * OUTPUTS, tl.program_id(0) % blocks * INPUTS
    down, odd_row = _shift(tap_row - SIZE // 2, STRIDE)
    before, odd = _shift(-1, STRIDE)
    after, _ = _shift(1, STRIDE)
    even = lane * inputs + channel
    uneven = even + odd * tl.num_programs(2) * inputs
    left = tl.zeros([OUTPUTS, INPUTS], tl.float32)
    middle = tl.zeros([OUTPUTS, INPUTS], tl.float32)
    right = tl.zeros([OUTPUTS, INPUTS], tl.float32)
    first = part * tiles * PIXELS
    for pixel in range(first, tl.minimum(pixels, first + tiles * PIXELS), PIXELS):
        image, row = pixel // (rows * columns), pixel // columns % rows
        of_y = tl.trans(dy.load([pixel, lane * outputs + output]).to(COMPUTE))
        of_x = x.load([image, row + down, odd_row, 0, even]).reshape([PIXELS, INPUTS])
        middle = tl.dot(of_y, of_x.to(COMPUTE), middle)
        if SIZE == 3:
            of_x = x.load([image, row + down, odd_row, before, uneven]).reshape([PIXELS, INPUTS])
            left = tl.dot(of_y, of_x.to(COMPUTE), left)
            of_x = x.load([image, row + down, odd_row, after, uneven]).reshape([PIXELS, INPUTS])
            right = tl.dot(of_y, of_x.to(COMPUTE), right)
    tile = (lane * (tl.num_programs(1) // SIZE) + part) * tl.num_programs(0) + tl.program_id(0)
    sums += (tile.to(tl.int64) * SIZE + tap_row) * (SIZE * OUTPUTS * INPUTS)
    at = tl.arange(0, OUTPUTS)[:, None] * INPUTS + tl.arange(0, INPUTS)[None, :]
    if SIZE == 3:
        tl.store(sums + at, left)
        tl.store(sums + OUTPUTS * INPUTS + at, middle)
        tl.store(sums + 2 * OUTPUTS * INPUTS + at, right)
    else:
        tl.store(sums + at, middle)


@triton.jit(do_not_specialize=["inputs", "parts"])
def combine_parts(
    sums,
    dw,
    parts,
    inputs,
    numbers,
    TAPS: tl.constexpr,
    INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """dw[lane, o, tap, i]: what `partial_by_weight` left, in the order of the parts.

    Program (BLOCK of a lane's so many numbers, lane).
    """
    lane = tl.program_id(1).to(tl.int64)
    number = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    known = number < numbers
    total = tl.zeros([BLOCK], tl.float32)
    for part in tl.range(0, parts, loop_unroll_factor=UNROLLED):
        at = (lane * parts + part) * numbers + number
        total += tl.load(sums + at, mask=known, other=0.0)
    tile, tap = number // (TAPS * OUTPUTS * INPUTS), number // (OUTPUTS * INPUTS) % TAPS
    blocks = inputs // INPUTS
    output = tile // blocks * OUTPUTS + number // INPUTS % OUTPUTS
    channel = tile % blocks * INPUTS + number % INPUTS
    at = lane * numbers + (output * TAPS + tap) * inputs + channel
    tl.store(dw + at, total, mask=known)


@triton.jit
def _shift(by, STRIDE: tl.constexpr):
    """Where the pixel STRIDE p + by lies in a map that is described in strides: p + this, odd."""
    return (by + STRIDE) // STRIDE - 1, (by + STRIDE) % STRIDE


@triton.jit
def _taps(odd, SIZE: tl.constexpr, STRIDE: tl.constexpr):
    """How many of SIZE taps in a row meet pixels of this kind."""
    return SIZE if STRIDE == 1 else (1 + odd if SIZE == 3 else 1 - odd)


@triton.jit
def _met(number, odd, SIZE: tl.constexpr, STRIDE: tl.constexpr):
    """The tap, and the output pixel that it leads to: p + this."""
    if STRIDE == 1:
        return number, SIZE // 2 - number
    if SIZE == 1:
        return number, number
    return 1 - odd + 2 * number, odd - number
