"""Run-steps per CPU-second of packs, of one run alone and of a plain PyTorch loop, in one process.

    python benchmarks/lanes.py                      all workloads, about 10 minutes
    python benchmarks/lanes.py --only autoencoder   those whose name contains the word

Each round measures every contender in turn for a short window, so that a slow spell of the machine
hits all of them; ratios are taken within a round. CPU time is counted instead of wall time, so
other work on the machine does not count. All use one thread.

The table is written after each workload. Rows are added to an existing table of the same machine
and PyTorch, and replace those of the same case.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from parts.kept import Kept
from parts.options import at_least, positive
from rows import RESULTS, here, show
from ways.plain import plain_steps

from largebatch.data.load import Dataset, load_dataset
from largebatch.data.prepare import prepare
from largebatch.study import Run, Study, load_study
from largebatch.study.lanes import steps, work
from largebatch.training.device import choose, set_up
from largebatch.training.pack import Lane, Pack

WIDTHS = {"wrn": (2, 5, 10), "autoencoder": (2, 10, 20, 50), "lstm": (2, 10, 24)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only workloads whose names contain this")
    parser.add_argument("--rounds", type=at_least(1), default=5)
    parser.add_argument("--window", type=positive, default=0.5, help="CPU-seconds per measurement")
    options = parser.parse_args()
    set_up(choose("cpu"), "fp32")
    facts = here() | {"torch": torch.__version__}
    kept, path = Kept("lanes", ("workload", "contender"), _order, facts, RESULTS), None
    for name, study, run, data in workloads(options.only):
        rows = list(measure(name, study, run, data, options.rounds, options.window))
        show(rows)
        path = kept.add(rows)
    if path is None:
        print(f"--only {options.only!r}: no such workload; names are those of the demo's tasks.")
        sys.exit(2)
    print(path)


def _order(row: dict) -> str:
    """By the workload's name; contenders stay in the order in which they are measured."""
    return row["workload"]


def workloads(only: str):
    """Every (task, batch) of the demo, and the paper's at small batches on random data."""
    demo, paper = load_study("demo"), load_study("paper")
    with tempfile.TemporaryDirectory() as folder:
        for sweep in demo.sweeps.values():
            run = sweep.runs("demo")[0]
            name = f"{run.task} B={run.batch}"
            if only in name and len(sweep.optimizers) == 2:
                yield name, demo, run, _dataset(demo, run, Path(folder))
    for sweep, data in PAPERS.items():
        run = paper.sweeps[sweep].runs("paper")[0]
        name = f"{run.task} B={run.batch}"
        if only in name:
            yield name, paper, run, data()


def measure(name: str, study: Study, run: Run, data: Dataset, rounds: int, window: float):
    """One row per contender: median, minimum and maximum over the rounds."""
    kind = study.tasks[run.task].model["kind"]
    contenders = {
        "plain PyTorch": _plain(study.spec(run), data, _steps(study, run)),
        "alone": _lanes(study, run, data, 1),
    }
    for width in WIDTHS[kind]:
        contenders[f"pack of {width}"] = _lanes(study, run, data, width)
    rates: dict[str, list[float]] = {contender: [] for contender in contenders}
    for _ in range(rounds):
        for contender, advance in contenders.items():
            rates[contender].append(_rate(advance, window))
    for contender, measured in rates.items():
        ratios = [a / b for a, b in zip(measured, rates["plain PyTorch"], strict=True)]
        yield {
            "workload": name,
            "contender": contender,
            "run-steps per CPU-s": statistics.median(measured),
            "times plain": statistics.median(ratios),
            "min": min(ratios),
            "max": max(ratios),
            "n": rounds,
        }


def _rate(advance: Callable[[], int], window: float) -> float:
    """Run-steps per CPU-second over about `window` seconds, after one unmeasured advance."""
    advance()
    steps, started = 0, time.process_time()
    while time.process_time() - started < window:
        steps += advance()
    return steps / (time.process_time() - started)


def _steps(study: Study, run: Run) -> int:
    """Steps between looks at the clock: few of a network whose step takes a second."""
    return 10 if work(study, run) / steps(study, run) < 100 else 1


def _plain(spec: dict, data: Dataset, count: int) -> Callable[[], int]:
    taken = plain_steps(spec, data)
    return lambda: len([next(taken) for _ in range(count)])


def _lanes(study: Study, run: Run, data: Dataset, width: int) -> Callable[[], int]:
    """A pack of `width` runs that differ in optimizer and seed, advanced some steps per call."""
    runs = [
        Run(run.study, run.task, run.batch, optimizer, run.lr, seed)
        for seed in range((width + 1) // 2)
        for optimizer in ("sgd", "momentum-0.9")
    ][:width]
    pack = Pack([Lane(study.spec(one)) for one in runs], data, torch.device("cpu"))
    pack.initialise()
    count = _steps(study, run)

    def advance() -> int:
        before, end = pack.step, pack.step + count
        if pack.train_epoch(lambda p: p.step >= end):
            return (pack.feed.steps - before) * width
        return count * width

    return advance


def _dataset(study: Study, run: Run, folder: Path) -> Dataset:
    name = study.tasks[run.task].dataset
    path = folder / f"{name}.safetensors"
    if not path.exists():
        prepare(name, study.datasets[name], folder, path, progress=False)
    return load_dataset(path)


def _random_images(*shape: int) -> Dataset:
    """Speed does not depend on what the pixels show."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (4000, *shape), generator=generator, dtype=torch.uint8)
    labels = torch.zeros(4000, dtype=torch.int64)
    channels = shape[0]
    facts = {"shape": list(shape), "classes": 10}
    facts |= {"mean": [0.5] * channels, "std": [0.3] * channels}
    tensors = {"train_images": images, "train_labels": labels}
    tensors |= {"test_images": images[:100], "test_labels": labels[:100]}
    return Dataset.of(tensors, facts)


def _random_words() -> Dataset:
    generator = torch.Generator().manual_seed(0)
    words = torch.randint(0, 10_000, (60_000,), generator=generator)
    tensors = {"train_tokens": words, "test_tokens": words[:2000], "valid_tokens": words[:2000]}
    return Dataset.of(tensors, {"vocabulary": 10_000})


PAPERS = {  # sweeps of the study `paper`, and their data
    "autoencoder-b1": partial(_random_images, 1, 28, 28),
    "autoencoder-b64": partial(_random_images, 1, 28, 28),
    "lstm-b1": _random_words,
    "cifar10-b32": partial(_random_images, 3, 32, 32),
}


if __name__ == "__main__":
    main()
