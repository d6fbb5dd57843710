"""Which kernels take a step's time, for each of the paper's workloads, alone and packed.

Kernels are launched one after another, not as a graph; they are the same kernels.

    python3 benchmarks/profile_steps.py [--only wrn] [--seconds 120]

A workload that fails is named, does not stop the others, and makes the exit code 1.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from parts.clock import pick, wait
from parts.failures import exit_code, failed
from parts.options import asked_for, parser
from parts.own import lanes_of
from parts.workloads import PRECISIONS, paper, small
from torch.profiler import ProfilerActivity, profile

from largebatch.training.device import set_up
from largebatch.training.execution import Execution

STEPS = 5


def main() -> int:
    options = parser(__doc__, 120, only="").parse_args()
    works = asked_for(small() if options.small else paper(), options.only)
    device, started = pick(options.small), time.perf_counter()
    failures = []
    for work in works:
        if time.perf_counter() - started > options.seconds:
            print(f"{work.name}: no time left")
            continue
        precision = PRECISIONS[work.kind][0]
        set_up(device, precision)
        for lanes in (1, work.packs[0]):
            print(f"\n{work.name}, {precision}, lanes: {lanes}, {STEPS} steps")
            try:
                print(kernels(work, precision, lanes, device), flush=True)
            except Exception as error:  # one workload's failure must not stop the others
                failures.append(f"{work.name}, lanes: {lanes}: {failed(error)}")
    return exit_code(failures)


def kernels(work, precision: str, lanes: int, device: torch.device) -> str:
    """The profiler's table, most expensive kernels first."""
    steps = lanes_of(work, precision, work.data(device), lanes, Execution(graphs="off"), device)
    steps.start_epoch(1, 1.0)
    steps.take(0)  # compiles
    wait(device)
    kinds = [ProfilerActivity.CUDA if device.type == "cuda" else ProfilerActivity.CPU]
    with profile(activities=kinds) as measured:
        for number in range(1, STEPS + 1):
            steps.take(number)
        wait(device)
    order = "self_device_time_total" if device.type == "cuda" else "self_cpu_time_total"
    return measured.key_averages().table(sort_by=order, row_limit=20, max_name_column_width=60)


if __name__ == "__main__":
    sys.exit(main())
