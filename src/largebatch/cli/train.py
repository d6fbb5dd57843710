"""`largebatch train`: one run, a pack of runs, or runs by name. Only here torch is imported."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from largebatch.cli.logs import last_words
from largebatch.cli.options import StudyName, chosen, note_code
from largebatch.cli.spec import read_spec
from largebatch.errors import UserError
from largebatch.records import Tree, check_tree
from largebatch.study import Run, Study, load_config

if TYPE_CHECKING:
    from largebatch.training.job import Job

FAILED, STOPPED = 1, 143
# One thread a process: only so are a run's bits independent of the machine, and packs fast.
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def train(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Runs by name or file, as `largebatch runs` lists them."),
    ] = None,
    study: StudyName = None,
    pack: Annotated[Path | None, typer.Option(help="Many runs: a file of jobs.")] = None,
    spec: Annotated[str | None, typer.Option(help="One run: all its settings, JSON.")] = None,
    data: Annotated[Path | None, typer.Option(help="One run: its data set.")] = None,
    out: Annotated[Path | None, typer.Option(help="One run: the file to write.")] = None,
    log: Annotated[Path | None, typer.Option(help="One run: its log.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option(help="Where to compute; default: that of config/config.yaml."),
    ] = None,
    kernels: Annotated[Literal["auto", "off"], typer.Option(help="Own GPU kernels.")] = "auto",
    convolutions: Annotated[
        Literal["auto", "grouped", "branches", "joint"], typer.Option(help="Of several lanes.")
    ] = "auto",
    tree: Annotated[
        Tree | None,
        typer.Option(
            help="clean: refuse to train while changes are uncommitted, any: say so; "
            "default: clean for a faithful study, unless config/config.yaml says allow_dirty."
        ),
    ] = None,
) -> None:
    """Train runs and write their files; several of one task and batch go side by side.

    Example: largebatch train autoencoder-64_digits/b1/sgd/lr0.01/seed0 --study demo
    """
    os.environ.update({key: value for key, value in THREADS.items() if key not in os.environ})
    note_code("train")
    how = {"device": device, "kernels": kernels, "convolutions": convolutions}
    if pack is not None:
        _train_pack(pack, how)
    elif spec is not None:
        _check(tree or Tree.ANY, [log])
        _train_one(spec, data, out, log, how)
    elif runs:
        found = chosen(study)
        _check(tree or Tree.wanted(found.faithful, load_config()["allow_dirty"]))
        _train_by_name(runs, found, how)
    else:
        raise UserError("name a run to train; `largebatch runs` lists them.")


def _check(tree: Tree, logs: Iterable[Path | None] = ()) -> None:
    """Say what is not committed."""
    with _also_in(logs):
        said = check_tree(tree, Path("."))
    if said:
        typer.echo(f"largebatch: {said}", err=True)


@contextmanager
def _also_in(logs: Iterable[Path | None]) -> Iterator[None]:
    """A refusal is also the whole log of each run, where users look."""
    try:
        yield
    except UserError as refusal:
        for log in filter(None, logs):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(f"largebatch: {refusal}\n")
        raise


def _need(data: Path, repair: str) -> None:
    if not data.is_file():
        raise UserError(f"{data}: it does not exist; make it with `{repair}`.")


def _check_batch(job: "Job") -> None:
    """A batch needs as many images; of files of one's own, no study tells how many there are.

    Minibatches of text are refused by their feed.
    """
    from largebatch.data.load import read_facts

    facts, batch = read_facts(job.data), job.spec["batch"]
    count = facts["counts"]["train"]
    if facts["kind"] == "images" and count < batch:
        raise UserError(
            f"{job.data}: a batch of {batch} is larger than its {count} training "
            "examples; lower the sweep's `batch` or take more data."
        )


def _train_pack(file: Path, how: dict) -> None:
    from largebatch.training import progress
    from largebatch.training.job import read_pack

    jobs = read_pack(file)
    resources = json.loads(file.read_text()).get("resources", {})
    how = {key: resources.get(key, value) or "auto" for key, value in how.items()}
    _check(Tree(resources.get("tree", Tree.ANY)), [job.log for job in jobs])
    _work(jobs, how, progress.to_file(file.with_name("progress.json")), tell=False)


def _train_one(spec: str, data: Path | None, out: Path | None, log: Path | None, how: dict):
    from largebatch.training.job import Job

    if data is None or out is None:
        raise UserError("--spec needs --data and --out as well.")
    with _also_in([log]):
        job = Job(read_spec(spec), data, out, log)
        _need(data, "snakemake data")
    _work([job], how)


def _train_by_name(names: list[str], study: Study, how: dict) -> None:
    from largebatch.training import progress

    jobs = [_job(study, run) for run in dict.fromkeys(_find(study, name) for name in names)]
    for job in jobs:
        _need(job.data, f"largebatch data {job.data.stem} --study {study.name}")
    _work(jobs, how, progress.to_bar(sum(job.spec["task"]["epochs"] for job in jobs)))


def _find(study: Study, name: str) -> Run:
    path = os.path.relpath(Path(name))  # ./results/..., or from /
    found = [run for run in study.runs if path in (run.name, run.path)]
    if not found:
        raise UserError(f"{study.file}: there is no run '{name}'; `largebatch runs` lists them.")
    return found[0]


def _job(study: Study, run: Run) -> "Job":
    from largebatch.training.job import Job

    log = Path(f"results/{study.name}/logs/{run.name}.log")
    data = Path(f"results/data/{study.tasks[run.task].dataset}.safetensors")
    return Job(study.spec(run), data, Path(run.path), log)


def _work(
    jobs: list["Job"], how: dict, on_epoch=lambda pack, trainees: None, tell: bool = True
) -> None:
    """Train; `tell` of each job that failed (of a pack, the executor does)."""
    from largebatch.training import worker
    from largebatch.training.drive import Stopped
    from largebatch.training.execution import Execution

    with _also_in(job.log for job in jobs):
        for job in jobs:
            _check_batch(job)
    device = how["device"] or load_config()["device"]
    execution = Execution(how["kernels"], convolutions=how["convolutions"])
    try:
        failed = worker.train(jobs, device=device, execution=execution, on_epoch=on_epoch)
    except Stopped:
        raise typer.Exit(STOPPED) from None
    for job in failed if tell else ():
        said = f": {last_words(job.log, job.name)} ({job.log})" if job.log else "; see above."
        typer.echo(f"largebatch: {job.name} failed{said}", err=True)
    if failed:
        raise typer.Exit(FAILED)
