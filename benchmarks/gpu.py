"""Seconds per epoch of each of the paper's workloads on this device, and hours of the whole paper.

    python3 benchmarks/gpu.py            a GPU, under 8 minutes; needs PyTorch and nothing else
    python3 benchmarks/gpu.py --small    any machine, seconds: does it run?

Contenders: `eager` launches every kernel from Python; `alone` is one run as a CUDA graph; `packed`
is several; `kernels off` is without our own kernels. `of roofline` is the time that the step's
bytes or operations need at the rates of a copy and a matrix product measured in this same call
(`parts/roofline.py`), divided by the time it took; it is for one run's step, and counts nothing as
shared. Figures 2 and 5 train the same network at the same batch, differing only in classes, and are
measured once.

The table is written after each row, and the hours after each workload. Rows are added to an
existing table of the same machine and versions, and replace those of the same case. A contender
that fails is named, and makes the exit code 1. If time runs out, the last contenders of each
workload are left out.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from parts.clock import ceilings, forget, peak_gib, pick, seconds_a_call
from parts.failures import exit_code, failed
from parts.hours import paper_hours
from parts.kept import Kept, place
from parts.options import asked_for, folder_of, parser
from parts.own import lanes_of, next_step
from parts.roofline import share_of_roofline
from parts.workloads import PRECISIONS, Workload, alike, paper, small
from rows import machine, save, show

from largebatch.models.replay import WARM_UP
from largebatch.training.device import set_up
from largebatch.training.execution import Execution

CASE = ("workload", "precision", "contender", "lanes")
TEST_WARM_UP = WARM_UP + 1  # an images' test is one chunk: the last of these records its graph
BUDGET = 420.0  # seconds; the command has to end in under 8 minutes


def main() -> int:
    options = parser(__doc__, BUDGET, only="", window=1.0, out=None).parse_args()
    works = small() if options.small else paper()
    twins = alike(asked_for(works, options.only))
    device = pick(options.small)
    started = time.perf_counter()
    set_up(device, "tf32")
    limits = ceilings(device, options.window, side=256 if options.small else 8192)
    print(", ".join(f"{name} {rate / 1e12:.3g}e12/s" for name, rate in limits.items()))
    facts = machine(device) | {"limits": str(limits)}
    folder = folder_of(options)
    kept, failures = Kept("gpu", CASE, _order(works), facts, folder), []
    hours: list[dict] = []
    for done, (work, *others) in enumerate(twins):
        now = time.perf_counter()
        ahead = [first for first, *_ in twins[done:]]
        until = now + share_of_time(ahead, started + options.seconds - now)
        for row in measure(work, device, limits, options.window, until, failures):
            kept.add([row | _whose(twin) for twin in (work, *others)])
        if kept.rows:
            hours = paper_hours(kept.rows)
            path = save("gpu-hours", hours, kept.facts, folder)
        print(f"{work.name}: {time.perf_counter() - started:.0f} s since the start", flush=True)
    if hours:
        show(kept.rows)
        show(hours)
        print(path)
    return exit_code(failures)


def _order(works: list[Workload]) -> Callable[[dict], tuple]:
    """The order of rows: by workload, then as they are measured."""
    names = [work.name for work in works]
    contended = {work.name: [case[:3] for case in contenders(work)] for work in works}

    def order(row: dict) -> tuple:
        case = row["precision"], row["contender"], row["lanes"]
        return place(names, row["workload"]), place(contended.get(row["workload"], []), case)

    return order


def share_of_time(works: list[Workload], left: float) -> float:
    """Seconds that the first workload may take of those left: its share of all contenders."""
    numbers = [len(list(contenders(work))) for work in works]
    return left * numbers[0] / sum(numbers)


def measure(
    work: Workload, device, limits: dict, window: float, until: float, failures: list[str]
) -> Iterator[dict]:
    """One row per contender; one that fails or that there is no time for is named and left out."""
    data = work.data(device)
    for number, (precision, name, lanes, execution) in enumerate(contenders(work)):
        title = f"{work.name}, {precision}: {name}, {lanes} lanes"
        if number > 0 and time.perf_counter() > until:
            print(f"{title}: no time left for this one and those after it")
            return
        try:
            forget(device)
            row = _row(work, precision, data, name, lanes, execution, device, window)
        except torch.OutOfMemoryError:
            print(f"{title}: does not fit")
        except Exception as error:  # one contender's failure must not stop the others
            failures.append(f"{title}: {failed(error)}")
        else:
            print(f"{title}: {row['us a run-step']:.4g} us a run-step", flush=True)
            seconds = 1e-6 * row["us a run-step"]
            yield row | {"of roofline": share_of_roofline(work, precision, seconds, limits)}


def contenders(work: Workload) -> Iterator[tuple[str, str, int, Execution]]:
    """(precision, name, lanes, execution), the most important first."""
    (first, *others), (pack, *packs) = PRECISIONS[work.kind], work.packs
    off = Execution(kernels="off")
    yield first, "eager", 1, Execution(graphs="off", kernels="off")
    yield first, "alone", 1, Execution()
    for precision in (first, *others):
        yield precision, "packed", pack, Execution()
    for lanes in packs[:1]:
        yield first, "packed", lanes, Execution()
    yield first, "packed, kernels off", pack, off
    yield first, "alone, kernels off", 1, off
    for lanes in packs[1:]:
        yield first, "packed", lanes, Execution()
    for precision in others:
        yield precision, "alone", 1, Execution()
    for lanes in packs:
        yield first, "packed, kernels off", lanes, off
    if work.kind == "wrn":
        yield first, "packed, grouped", pack, Execution(convolutions="grouped")


def _row(work, precision, data, name, lanes, execution, device, window) -> dict:
    set_up(device, precision)
    steps = lanes_of(work, precision, data, lanes, execution, device)
    step_seconds = seconds_a_call(next_step(steps), device, window) / lanes
    test_seconds = seconds_a_call(steps.evaluate, device, window, TEST_WARM_UP) / lanes
    test_seconds *= work.test_share
    return {
        "workload": work.name,
        "precision": precision,
        "contender": name,
        "lanes": lanes,
        "us a run-step": 1e6 * step_seconds,
        "s an epoch": step_seconds * work.steps + test_seconds,
        "of it test": test_seconds,
        "GiB": peak_gib(device),
        "runs": work.runs,
        "epochs": work.epochs,
    }


def _whose(work: Workload) -> dict:
    """The only columns in which rows of like workloads differ."""
    return {"workload": work.name, "runs": work.runs, "epochs": work.epochs}


if __name__ == "__main__":
    sys.exit(main())
