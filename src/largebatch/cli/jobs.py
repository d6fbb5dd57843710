"""The jobs of `largebatch train`, from settings or from names, and checks of what they need."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from largebatch.cli.logs import log_of
from largebatch.cli.spec import read_spec
from largebatch.errors import UserError
from largebatch.study import Run, Study
from largebatch.study.plan import Plan

if TYPE_CHECKING:
    from largebatch.training.job import Job


def job_of_spec(spec: str, data: Path | None, out: Path | None, log: Path | None) -> "Job":
    """One run whose settings are given as JSON."""
    from largebatch.training.job import Job

    if data is None or out is None:
        raise UserError("--spec needs --data and --out as well.")
    with also_in([log]):
        job = Job(read_spec(spec), data, out, log)
        _need(data, "snakemake data --config study=<name>")
    return job


def jobs_by_name(names: Iterable[str], study: Study) -> list["Job"]:
    """Runs of a study by name or file, each once, including runs of sweeps that are off."""
    jobs = [_job(study, run) for run in dict.fromkeys(_find(study, name) for name in names)]
    for job in jobs:
        _need(job.data, f"largebatch data {job.data.stem} --study {study.name}")
    return jobs


def data_of(study: Study, run: Run) -> Path:
    """The prepared data set that a run is trained on, relative to the checkout."""
    return Path(Plan.data(study.tasks[run.task].dataset))


def check_batch(job: "Job") -> None:
    """Refuse a batch that is larger than the training set, if that is of images.

    No study says how many images the user's own files hold. A batch too large for a text is
    refused by its feed.
    """
    from largebatch.data.load import read_facts

    facts, batch = read_facts(job.data), job.spec["batch"]
    count = facts["counts"]["train"]
    if facts["kind"] == "images" and count < batch:
        raise UserError(
            f"{job.data}: a batch of {batch} is larger than its {count} training "
            "examples; lower the sweep's `batch` or take more data."
        )


def check_precision(job: "Job", device: str) -> None:
    """Refuse what would be trained in another precision than its name and record say."""
    from largebatch.training.device import choose

    task = job.spec["task"]
    if task["precision"] == "tf32" and choose(device).type == "cpu":
        raise UserError(
            f"tasks.{task['name']}.precision: tf32 needs a GPU, and this is a CPU; train it on a "
            "GPU, or use fp32."
        )


@contextmanager
def also_in(logs: Iterable[Path | None]) -> Iterator[None]:
    """Write a refusal to the log of each run, too, as all its content: users look there."""
    try:
        yield
    except UserError as refusal:
        for log in filter(None, logs):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(f"largebatch: {refusal}\n", encoding="utf-8")
        raise


def _find(study: Study, name: str) -> Run:
    is_file = name.endswith(".parquet")  # ./results/... or an absolute path
    return study.run(os.path.relpath(name) if is_file else name)


def _job(study: Study, run: Run) -> "Job":
    from largebatch.training.job import Job

    return Job(study.spec(run), data_of(study, run), Path(run.path), log_of(run))


def _need(data: Path, repair: str) -> None:
    if not data.is_file():
        raise UserError(f"{data}: it does not exist; make it with `{repair}`.")
