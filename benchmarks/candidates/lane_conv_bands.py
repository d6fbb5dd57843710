"""A second form of `lane_conv_kernels.forward` and `by_input`, for 3 x 3 taps and stride 1.

There every tap fetches its own box of the map, nine boxes for one tile of results. Here a program
makes BANDS tiles, one below the other, and a box that it fetches serves up to three of them: the
tap above, the middle one and the one below. With two bands that is 6 boxes a tile, with four 4.5.
A tile is one row of IMAGES images.
"""

# ruff: noqa: RUF005 (Triton knows no starred expressions)

import triton
import triton.language as tl


@triton.jit(do_not_specialize=["depth", "sides", "rows"])
def bands(
    maps,
    weight,
    out,
    depth,
    sides,
    rows,
    BACK: tl.constexpr,
    IMAGES: tl.constexpr,
    COLUMNS: tl.constexpr,
    BANDS: tl.constexpr,
    DEPTH: tl.constexpr,
    SIDES: tl.constexpr,
    COMPUTE: tl.constexpr,
):
    """out[p, s] = the sum over taps and depth of maps[p + tap, d] weight[s, tap, d].

    BACK: of maps[p - tap, d] weight[d, tap, s], the gradient of the input from that of the output.
    Program (a tile of sides and BANDS of pixels, 0, lane); rows: of a map.
    """
    lane, tiles = tl.program_id(2), sides // SIDES
    side = tl.program_id(0) % tiles * SIDES
    tile, heights = tl.program_id(0) // tiles, rows // BANDS
    image, row = tile // heights * IMAGES, tile % heights * BANDS
    totals = ()
    for _ in tl.static_range(BANDS):
        totals = totals + (tl.zeros([SIDES, IMAGES * COLUMNS], tl.float32),)
    steps = depth // DEPTH
    for step in range(3 * steps):
        column, first = step // steps, step % steps * DEPTH
        taps = ()
        for tap in tl.static_range(3):
            if BACK:
                at = ((2 - tap) * 3 + 2 - column) * sides + side
                of_tap = tl.trans(weight.load([lane * depth + first, at]).to(COMPUTE))
            else:
                at = (tap * 3 + column) * depth + first
                of_tap = weight.load([lane * sides + side, at]).to(COMPUTE)
            taps = taps + (of_tap,)
        for below in tl.static_range(BANDS + 2):
            place = [image, row + below - 1, 0, column - 1, lane * depth + first]
            box = maps.load(place).reshape([IMAGES * COLUMNS, DEPTH])
            box = tl.trans(box.to(COMPUTE))
            for tap in tl.static_range(3):
                if below - tap >= 0 and below - tap < BANDS:
                    total = tl.dot(taps[tap], box, totals[below - tap])
                    totals = totals[: below - tap] + (total,) + totals[below - tap + 1 :]
    for band in tl.static_range(BANDS):
        box = tl.trans(totals[band].to(tl.bfloat16)).reshape([IMAGES, 1, 1, COLUMNS, SIDES])
        out.store([image, row + band, 0, 0, lane * sides + side], box)
