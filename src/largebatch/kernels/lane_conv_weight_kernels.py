"""The kernels of `lane_conv` for the weight gradient; maps as in `lane_conv_kernels`."""

import triton
import triton.language as tl

from largebatch.kernels.lane_conv_kernels import shift

UNROLLED = tl.constexpr(8)  # parts read at the same time


@triton.jit(do_not_specialize=["inputs", "outputs", "rows", "columns", "pixels", "tiles"])
def partial_by_weight(
    x, dy, sums, inputs, outputs, rows, columns, pixels, tiles, SIZE: tl.constexpr,
    STRIDE: tl.constexpr, PIXELS: tl.constexpr, INPUTS: tl.constexpr, OUTPUTS: tl.constexpr,
    COMPUTE: tl.constexpr,
):  # fmt: skip
    """sums[lane, part, tile, tap, o, i] = the sum over a part's p of dy[p, o] x[STRIDE p + tap, i].

    Program: (tile of outputs and of inputs, row of taps and part, lane). rows, columns, pixels: of
    dy. tiles: tiles of pixels per part; the last part may have fewer.
    """
    lane, part, tap_row = tl.program_id(2), tl.program_id(1) // SIZE, tl.program_id(1) % SIZE
    blocks = inputs // INPUTS
    output, channel = tl.program_id(0) // blocks * OUTPUTS, tl.program_id(0) % blocks * INPUTS
    down, odd_row = shift(tap_row - SIZE // 2, STRIDE)
    before, odd = shift(-1, STRIDE)
    after, _ = shift(1, STRIDE)
    even = lane * inputs + channel  # the middle tap's channels, and those of the taps beside it
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
    sums, dw, parts, inputs, numbers, TAPS: tl.constexpr, INPUTS: tl.constexpr,
    OUTPUTS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """dw[lane, o, tap, i] = the sum of what `partial_by_weight` left, in the order of the parts.

    Program: (BLOCK of a lane's `numbers` weights, lane).
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
