"""The same models, data and batch trained in the ways that PyTorch offers: seconds per epoch.

    python3 benchmarks/peers.py            the paper's models on a GPU
    python3 benchmarks/peers.py --small    small models on the CPU, a few minutes
    python3 benchmarks/peers.py --only wrn --contenders plain vmap
    python3 benchmarks/peers.py --contenders compile "compile, graphs" --seconds 75 --out FOLDER

The last adds torch.compile to the table in that folder; if time is short, only for the first three
workloads.

`plain` is a loop over an nn.Module with fused torch.optim.SGD: convolutions are channels last, with
the algorithms that cuDNN finds fastest in trials; the LSTM is cuDNN's fused one; precision is TF32,
or torch.autocast for bf16. `compile` is the same with the loss compiled by torch.compile;
`compile, graphs` uses its mode "reduce-overhead" (CUDA graphs). `vmap` is torch.func: stacked
models, vmap of grad and one SGD. It leaves out batch norm's running statistics (vmap cannot update
them), has an LSTM of cells that starts each unroll from zero (there is no rule for the fused one),
and for bf16 copies the weights (torch.autocast fails in it). `largebatch` is one run;
`largebatch, packed` is as many as the workflow trains at a time. `vmap` has as many, halved until
they fit into memory.

All of them gather their minibatches by index on the device. Only largebatch shifts, flips and
normalises the WRN's images, sums losses and accuracies, and is deterministic. Nothing is evaluated.
GiB is the most that the allocator held, including cuDNN's trials.

Nothing is started after --seconds, and what has not been compiled by then is ended. The table is
written after each row. Rows are added to an existing table of the same machine and versions, and
replace those of the same case. A contender that fails is named, and makes the exit code 1.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from parts.clock import pick
from parts.kept import Kept, place
from parts.options import asked_for, folder_of, parser
from parts.workloads import Workload, alike, paper, small
from rows import machine, show
from ways.cases import Case, Measured, in_turn, measure_each
from ways.compiled import measure_compiled
from ways.contenders import COMPILED, CONTENDERS

BUDGET = 400.0  # seconds; the command has to end in under 9 minutes
# The paper's workloads, the most telling first.
ORDER = [("wrn", 32), ("autoencoder", 1), ("lstm", 1), ("autoencoder", 64), ("lstm", 256)]
ORDER += [("wrn", 128), ("wrn", 1024)]
CASE = ("workload", "precision", "contender")


def main() -> int:
    options, started = _options(), time.perf_counter()
    works = small() if options.small else one_of_each()
    asked = asked_for(works, options.only)
    device, until = pick(options.small), started + options.seconds
    kept = Kept("peers", CASE, _order(works), machine(device), folder_of(options))
    faults, path = [], None
    for cases in in_turn(asked, options.contenders, device):
        measure = measure_compiled if cases[0].name in COMPILED else measure_each
        for case, found in measure(cases, device, options.window, until):
            print(f"{time.perf_counter() - started:.0f} s: {case}", end="", flush=True)
            if isinstance(found, Measured):
                path = kept.add([_row(case, found)])
                print()
            else:
                print(f": {found}", flush=True)
                faults += [f"{case}: {found}"] if found.startswith("failed") else []
    if path:
        show(kept.rows)
        print(path)
    print(f"{time.perf_counter() - started:.0f} s", *faults, sep="\n")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    known = parser(__doc__, BUDGET, only="", window=0.2, out=None)
    known.add_argument(
        "--contenders", nargs="+", default=CONTENDERS, choices=CONTENDERS, metavar="NAME"
    )
    return known.parse_args()


def one_of_each() -> list[Workload]:
    """One of the paper's workloads for each network and batch."""
    works = {(work.kind, work.batch): work for work, *_ in alike(paper())}
    return [works[key] for key in ORDER]


def _order(works: list[Workload]) -> Callable[[dict], tuple]:
    """The order of rows: by workload, contender, precision."""
    names, precisions = [work.name for work in works], ("bf16", "tf32", "fp32")

    def order(row: dict) -> tuple:
        by_name = place(names, row["workload"]), place(tuple(CONTENDERS), row["contender"])
        return *by_name, place(precisions, row["precision"])

    return order


def _row(case: Case, found: Measured) -> dict:
    seconds = found.seconds / found.lanes
    return {
        "workload": case.work.name,
        "precision": case.precision,
        "contender": case.name,
        "lanes": found.lanes,
        "us a run-step": 1e6 * seconds,
        "s an epoch": seconds * case.work.steps,
        "GiB": found.gib,
    }


if __name__ == "__main__":
    sys.exit(main())
