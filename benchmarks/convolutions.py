"""Convolutions of wide ResNets in bf16: our joint kernels, and cuDNN's with one stream per lane.

    python3 benchmarks/convolutions.py            a GPU, two minutes; needs PyTorch and nothing else
    python3 benchmarks/convolutions.py --small    any machine with Triton, which interprets it

Measured are each convolution of the WRN-16-4 by itself, with several tiles, in the widest packs;
then whole training steps; then the convolutions in other packs. `apart` is the greatest difference
from branches, as a share of the greatest number; for whole steps, that of the loss summed over the
first 20. The last table has the sums over all convolutions of a step.

A table is written after each group of rows, the most useful groups first. Rows are added to an
existing table of the same machine and versions, and replace those of the same case. A contender
that fails is named, and makes the exit code 1.
"""

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
if "--small" in sys.argv:
    os.environ["TRITON_INTERPRET"] = "1"  # before a kernel is defined
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from conv import measure_layers, measure_steps
from conv.extent import Extent
from conv.layers import Layer, layers
from conv.tables import summary
from parts.clock import pick
from parts.failures import exit_code
from parts.kept import Kept, place
from parts.options import folder_of, parser
from parts.workloads import paper, small
from rows import machine, show

from largebatch.training.device import set_up
from largebatch.training.execution import Execution

LAYER = ("batch", "lanes", "layer", "direction", "contender", "tile")
STEP = ("workload", "lanes", "contender")


class Interpreted(Execution):
    """Our kernels even on a CPU."""

    def own_kernels(self, device) -> bool:
        return True


def whole() -> Extent:
    """The paper's workloads, the most telling first."""
    works = {work.batch: work for work in paper() if work.kind == "wrn"}
    lanes = {32: (16, 8, 1), 128: (8, 1), 1024: (2,)}
    first = (32, 16), (128, 8)
    others = (32, 8), (1024, 2), (32, 1), (128, 1)
    steps = tuple((works[batch], widths) for batch, widths in lanes.items())
    return Extent(steps, layers(16, 4, 3, 32), first, others, 20, 0.3, 0.004, 100)


def little() -> Extent:
    """What Triton's interpreter does in seconds; 24 channels are not a multiple of 16."""
    work = replace(small()[0], batch=1)
    some = {Layer(24, 16, 4, 3, 1): 1, Layer(32, 16, 2, 1, 2): 2}
    return Extent(((work, (2,)),), some, ((2, 2),), ((1, 1),), 1, 0.0, 0.0, 2, Interpreted)


def main() -> int:
    options = parser(__doc__, 90, out=None).parse_args()
    device, started = pick(options.small), time.perf_counter()
    set_up(device, "bf16")
    extent = little() if options.small else whole()
    until, failures = started + options.seconds, []
    facts, folder = machine(device), folder_of(options)
    if device.type == "cuda":
        faults = measure_layers.compile_all(extent.layers)
        failures += faults.values()
        extent = replace(extent, broken=frozenset(faults))
        print(f"compiled: {time.perf_counter() - started:.0f} s since the start", flush=True)
    now = time.perf_counter()
    names = [work.name for work, _ in extent.works]
    of_layers = Kept("convolutions", LAYER, lambda row: 0, facts, folder)
    of_steps = Kept(
        "convolution-steps",
        STEP,
        lambda row: (place(names, row["workload"]), -row["lanes"]),
        facts,
        folder,
    )
    groups = measure_layers.groups(extent, extent.first, device, now + (until - now) / 3, failures)
    rows = _keep(of_layers, groups)
    groups = measure_steps.groups(extent, device, now + (until - now) * 3 / 4, failures)
    _keep(of_steps, groups)
    groups = measure_layers.groups(extent, extent.others, device, until, failures)
    rows += _keep(of_layers, groups)
    if rows:
        show(summary(rows, extent.layers))
    print(f"{time.perf_counter() - started:.0f} s since the start")
    return exit_code(failures)


def _keep(kept: Kept, groups: Iterable[list[dict]]) -> list[dict]:
    """Save and show the rows group by group; return all of them."""
    rows = []
    for group in groups:
        rows += group
        path = kept.add(group)
        show(group)
        print(path, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
