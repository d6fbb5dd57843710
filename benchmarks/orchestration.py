"""What Snakemake and the executor cost when training costs nothing.

    python benchmarks/orchestration.py        about two minutes; --small: a test of the script

This runs in a temporary copy of the project whose trainer just writes an empty file for every run.
Times are wall seconds of whole `snakemake` calls, including start-up and parsing. CPU seconds
include the processes that were started.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from parts.options import OTHERS, folder_of
from rows import here, save, show

PROJECT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config", "envs", "profiles", "src", "workflow")
TRAINER = """
import time
def train(jobs, **how):
    for job in jobs:
        job.out.parent.mkdir(parents=True, exist_ok=True)
        job.out.touch()
        job.done.touch()
    return []
"""
# Stand-ins without torch for the trainer and what else the command line imports.
STUBS = {
    "worker": TRAINER,
    "drive": "class Stopped(Exception): ...\nclass Trainee: ...\n",
    "pack": "class Pack: ...\n",
    "execution": "def Execution(*how, **more): ...\n",
}


SIZES, SMALL = (1_600, 20_000), (20,)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a test of the script")
    parser.add_argument("--out", **OTHERS["out"])
    options = parser.parse_args()
    sizes = SMALL if options.small else SIZES
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_project(root)
        paper = ("-n", "figures", "--config", "study=paper")
        rows = [] if options.small else [measured(root, "dry run of the paper", *paper)]
        rows += [row for runs in sizes for row in measure_study(root, runs)]
    show(rows)
    print(save("orchestration", rows, here(), folder_of(options)))


def copy_project(root: Path) -> None:
    for part in PARTS:
        source = PROJECT / part
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / part)
    for module, text in STUBS.items():
        (root / f"src/largebatch/training/{module}.py").write_text(text)


def measure_study(root: Path, runs: int) -> list[dict]:
    """The dry run; for a smaller study also training, and a call that finds nothing to do."""
    name = f"many{runs}"
    write_study(root, name, runs)
    arguments = ("runs", "--config", f"study={name}")
    rows = [measured(root, f"dry run, {runs:,} runs", "-n", *arguments)]
    if runs < 10_000:
        rows.append(measured(root, f"train {runs:,} trivial runs", "-c2", *arguments))
        rows.append(measured(root, f"nothing to do, {runs:,} runs", "-c2", *arguments))
    return rows


def write_study(root: Path, name: str, runs: int) -> None:
    """The tests' tiny study as one sweep: two optimizers, ten rates, enough seeds."""
    study = yaml.safe_load((PROJECT / "tests/workflow/tiny.yaml").read_text())
    rates = [0.01 * 2**k for k in range(10)]
    study["sweeps"] = {"first": study["sweeps"]["first"] | {"effective_lrs": rates}}
    study["figures"] = {"fig1": study["figures"]["fig1"]}
    study["seeds"] = list(range(runs // 20))
    (root / f"config/studies/{name}.yaml").write_text(yaml.safe_dump(study, sort_keys=False))


def measured(root: Path, what: str, *arguments: str) -> dict:
    """Wall and CPU seconds of one call, and the peak memory of any process so far."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    before, began = _cpu_seconds(), time.perf_counter()
    with open(root / "said", "w") as said:
        subprocess.run(command, cwd=root, env=environment, stdout=said, stderr=said, check=True)
    wall, cpu = time.perf_counter() - began, _cpu_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {"call": what, "seconds": wall, "cpu_seconds": cpu, "peak_mb": peak}


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
