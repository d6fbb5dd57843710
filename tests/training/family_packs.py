"""One small pack of each family of models, trained in a process that may be killed."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path

from largebatch.data.prepare import prepare
from largebatch.records import read_table, table_digest
from largebatch.study.load import read_study
from largebatch.training import worker
from largebatch.training.drive import Stopped
from largebatch.training.job import Job
from largebatch.training.leases.times import Times

PROJECT = Path(__file__).parents[2]
STUDY = read_study(Path("tests/training/families.yaml"), PROJECT)
FAMILIES = ("wrn", "autoencoder", "lstm")
OFTEN = 0.02  # seconds from one checkpoint to the next
HURRY = Times(beat=0.1, stale=0.6, settle=0.02)
STOPPED = 143
SECONDS = 600  # for a busy machine; usually a pack takes one
PROCESSES = multiprocessing.get_context("forkserver")  # tests/conftest.py says what it imports


def prepare_data(folder: Path) -> None:
    for name, settings in STUDY.datasets.items():
        prepare(name, settings, folder, folder / f"{name}.safetensors", progress=False)


def jobs_of(family: str, data: Path, root: Path) -> list[Job]:
    """All runs of the family, to be written below `root`."""
    dataset = data / f"{STUDY.tasks[family].dataset}.safetensors"
    runs = [run for run in STUDY.runs if run.task == family]
    logs = [root / "logs" / f"{run.name}.log" for run in runs]
    return [
        Job(STUDY.spec(r), dataset, root / r.path, log) for r, log in zip(runs, logs, strict=True)
    ]


def start(jobs: list[Job], root: Path, before: Callable[[], object] | None = None, **options):
    """A process that trains the jobs; `before` is called in it first."""
    process = PROCESSES.Process(target=_train, args=(jobs, root, before, options))
    process.start()
    return process


def _train(jobs: list[Job], root: Path, before, options: dict) -> None:
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if before:
        before()
    settings = {"checkpoint_seconds": OFTEN, "lease_times": HURRY} | options
    try:
        failed = worker.train(jobs, device="cpu", root=root, **settings)
    except Stopped:
        sys.exit(STOPPED)
    sys.exit(1 if failed else 0)


def train(jobs: list[Job], root: Path, before=None, **options) -> int:
    """Train to the end; returns the exit code."""
    process = start(jobs, root, before, **options)
    process.join(SECONDS)
    return process.exitcode


def digests(jobs: list[Job]) -> dict[str, str]:
    """{run: digest of its numbers}; a file that is broken raises."""
    return {job.name: table_digest(read_table(job.out)) for job in jobs if job.out.exists()}


def strays(root: Path) -> list[str]:
    """Files below the runs that are not results."""
    files = [path for path in (root / "results").rglob("*") if path.is_file()]
    return sorted(path.name for path in files if path.suffix != ".parquet")


def log(job: Job) -> str:
    return job.log.read_text()
