"""Every kernel compiled for an H100 or H200, as it is launched at the paper's sizes; no GPU needed.

A script of its own: where Triton interprets kernels, it compiles none. Prints a line per kernel:
its name, bytes of machine code, and which of the words below occur in its assembly.
"""

import os

os.environ.pop("TRITON_INTERPRET", None)

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from largebatch.kernels import (
    heavy_ball,
    keep_mask,
    lstm_recurrence_backward,
    lstm_recurrence_forward,
    norm_relu_backward,
    norm_relu_forward,
    rank_one,
    row_sums,
    softmax_slope,
)
from largebatch.kernels.lstm_recurrence import UNITS, WARPS, _parts
from largebatch.models.lstm_layout import held_units

HOPPER = GPUTarget("cuda", 90, 32)
WORDS = ("acquire", "release", "__assertfail")
F, I, L = ["*fp32"], ["i32"], ["*i64"]  # noqa: E741

TILE, SUMS = ({"ROWS": rows, "CHANNELS": 64} for rows in (32, 16))
ADDED = {"ADDED": True}
COMBINED = {"PARTS": 1024, "CHANNELS": 8}
WARPS_2, WARPS_8 = {"num_warps": 2}, {"num_warps": 8}
DENSE = {"OUTPUTS": 1000, "BELOW": True, "ROWS": 4, "COLUMNS": 1024}
UPDATE = {"CLIPPED": True, "ALIGNED": True, "BLOCK": heavy_ball.BLOCK}
FORWARD, BACKWARD = (
    {"PARTS": _parts(size), "UNITS": UNITS} for size in (held_units(650), 4 * held_units(650))
)
LOOP = {"num_warps": WARPS, "num_stages": 1, "enable_fp_fusion": True, "sanitize_overflow": False}
LOOP |= {"debug": True, "launch_cooperative_grid": True}
KERNELS = [
    (keep_mask._keep_mask, [*L, *F, *F, *I, "i64"], {"BLOCK": 1024}, {}),
    (rank_one._descend_dense, [*F * 7, "fp32", *I * 6], DENSE, WARPS_8),
    (heavy_ball._heavy_ball, [*F * 6, *L, "fp32"], UPDATE, {"num_warps": heavy_ball.WARPS}),
    (norm_relu_forward.partial_statistics, [*F * 5, *I * 3], ADDED | TILE, {}),
    (norm_relu_forward.combine_statistics, [*F * 6, "fp32", "fp32", *I * 4], COMBINED, WARPS_8),
    (norm_relu_forward.apply_forward, [*F * 6, *I * 3], TILE, WARPS_2),
    (norm_relu_backward.partial_sums, [*F * 8, *I * 3], SUMS, WARPS_2),
    (norm_relu_backward.combine_sums, [*F * 4, *I * 2], COMBINED, WARPS_8),
    (norm_relu_backward.apply_backward, [*F * 10, *I * 3], ADDED | TILE, WARPS_2),
    (row_sums._clear, [*F, *L, *I * 3], {"WIDTH": 1024}, {}),
    (row_sums._sum_rows, [*F, *L, *F, *I * 5], {"PLACES": 64, "WIDTH": 1024}, {}),
    (softmax_slope._slope, [*F, *L, *F, "fp32", *I * 5], {"BLOCK": 1024}, {}),
    (lstm_recurrence_forward.forward_steps, [*F * 6, "*i32", *I * 10], FORWARD, LOOP),
    (lstm_recurrence_backward.backward_steps, [*F * 7, "*i32", *I * 11], BACKWARD, LOOP),
]


def main() -> None:
    for kernel, *how in KERNELS:
        made = compiled(kernel, *how)
        words = [word for word in WORDS if word in made.asm["ptx"]]
        print(kernel.__name__, len(made.asm["cubin"]), *words)


def compiled(kernel, types: list[str], constants: dict, options: dict):
    """types: of the arguments that are not constants."""
    names = kernel.arg_names
    kinds = [*types, *["constexpr"] * len(constants)]
    signature = dict(zip(names, kinds, strict=True))
    assert set(names[len(types) :]) == set(constants)
    source = ASTSource(kernel, signature, constants)
    return triton.compile(source, target=HOPPER, options=options)


if __name__ == "__main__":
    main()
