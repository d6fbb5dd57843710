"""The kernels of `lane_conv` compiled for an H100 or H200, in the tiles that are measured; no GPU.

A script of its own, like `compile_for_hopper`. Prints a line per kernel: its name, bytes of shared
memory, registers, bytes spilled from them, and which of the words below occur in its assembly.

    python tests/kernels/compile_lane_conv.py all      every tile of every layer

Without `all`, the tiles that the models use, once for each size of convolution.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

os.environ.pop("TRITON_INTERPRET", None)

import triton.language as tl
from compile_for_hopper import compiled
from triton import knobs

from largebatch.kernels import lane_conv_kernels as kernels
from largebatch.kernels import lane_conv_weight_kernels as weight_kernels
from largebatch.kernels.lane_conv_launch import BLOCK, Plan
from largebatch.kernels.lane_conv_tiles import Tile

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from conv.layers import Layer, directions, layers, tiles

WORDS = ("wgmma.mma_async", "mma.sync", "cp.async.bulk.tensor")
COMPUTE = {"COMPUTE": tl.bfloat16}


def main(every: bool) -> None:
    combined = {"TAPS": 9, "INPUTS": 64, "OUTPUTS": 128, "BLOCK": BLOCK}
    print_words(weight_kernels.combine_parts, ["*fp32", "*bf16", *["i32"] * 3], combined, {})
    seen = []
    for layer in layers(16, 4, 3, 32):
        for direction in directions(layer):
            for tile in tiles(layer, direction)[: None if every else 1]:
                how = launched(layer, direction, tile)
                case = how if every else (direction, tile, layer.size)
                if case not in seen:
                    seen.append(case)
                    print_words(*how)


def print_words(*how) -> None:
    made = compiled(*how)
    words = [word for word in WORDS if word in made.asm["ptx"]]
    print(how[0].__name__, made.metadata.shared, *resources(made.asm["cubin"]), *words, flush=True)


def resources(machine_code: bytes) -> tuple[str, str]:
    """Registers of a thread, and bytes of its stack."""
    with NamedTemporaryFile(suffix=".cubin") as file:
        file.write(machine_code)
        file.flush()
        command = [knobs.nvidia.cuobjdump.path, "--dump-resource-usage", file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.search(r"REG:(\d+) STACK:(\d+)", said).groups()


def launched(layer: Layer, direction: str, tile: Tile) -> tuple:
    """A kernel, its types, constants and options, as `lane_conv` launches it."""
    plan = Plan(layer.shape(), tile)
    images, rows, columns = plan.box
    x, y = (box(images, rows, 1, columns, channels) for channels in (plan.inputs, plan.outputs))
    flat, taps = box(plan.pixels, plan.outputs), box(plan.outputs, plan.inputs)
    constants = {"SIZE": layer.size, "STRIDE": layer.stride}
    constants |= {"BOX": plan.box} if direction == "by input" else {}
    constants |= {"PIXELS": plan.pixels, "INPUTS": plan.inputs, "OUTPUTS": plan.outputs} | COMPUTE
    if direction == "forward":
        return kernels.forward, [x, taps, flat, *["i32"] * 4], constants, plan.options
    if direction == "by input":
        return kernels.by_input, [y, taps, x, *["i32"] * 4], constants, plan.options
    return (
        weight_kernels.partial_by_weight,
        [x, flat, "*fp32", *["i32"] * 6],
        constants,
        plan.options,
    )


def box(*sides: int) -> str:
    return f"tensordesc<bf16[{', '.join(map(str, sides))}]>"


if __name__ == "__main__":
    main(every=sys.argv[1:] == ["all"])
