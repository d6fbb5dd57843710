"""`largebatch train`: one run, a pack of runs, or runs by name. Torch is imported only to train."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from largebatch.cli.jobs import also_in, check_batch, check_precision, job_of_spec, jobs_by_name
from largebatch.cli.logs import ENDS, last_words
from largebatch.cli.options import Device, StudyName, chosen, note_code, one_thread, refuse
from largebatch.errors import UserError
from largebatch.records import Tree, check_tree
from largebatch.study import load_config

if TYPE_CHECKING:
    from largebatch.training.job import Job

FAILED, STOPPED = 1, 143

Names = Annotated[
    list[str] | None, typer.Argument(help="Runs by name or file, as `largebatch runs` lists them.")
]
PackFile = Annotated[Path | None, typer.Option(help="Many runs: the file that lists them.")]
Spec = Annotated[str | None, typer.Option(help="One run: all its settings, as JSON.")]
Data = Annotated[Path | None, typer.Option(help="With --spec: the prepared data set.")]
Out = Annotated[Path | None, typer.Option(help="With --spec: the file to write.")]
Log = Annotated[Path | None, typer.Option(help="With --spec: the log.")]
Kernels = Annotated[
    Literal["auto", "off"] | None,
    typer.Option(help="Whether to use largebatch's own GPU kernels; default: as for --device."),
]
Convolutions = Annotated[
    Literal["auto", "grouped", "branches", "joint"] | None,
    typer.Option(help="How several lanes are convolved; default: as for --device."),
]
Wanted = Annotated[
    Tree | None,
    typer.Option(
        help="While changes are uncommitted: clean refuses to train, any trains and says so; "
        "default: clean for a faithful study, unless config/config.yaml sets allow_dirty."
    ),
]


def train(
    runs: Names = None,
    study: StudyName = None,
    pack: PackFile = None,
    spec: Spec = None,
    data: Data = None,
    out: Out = None,
    log: Log = None,
    device: Device = None,
    kernels: Kernels = None,
    convolutions: Convolutions = None,
    tree: Wanted = None,
) -> None:
    """Train runs; those of one task and batch are trained side by side.

    A run that is stored is trained again and replaced.

    Example: largebatch train autoencoder-64_digits/b1/sgd/lr0.01/seed0 --study demo
    """
    by_name = {"a run's name": runs, "--study": study}
    of_spec = {"--data": data, "--out": out, "--log": log}
    if pack is not None:
        refuse(by_name | {"--spec": spec, **of_spec, "--tree": tree}, "with --pack")
    elif spec is not None:
        refuse(by_name, "with --spec")
    else:
        refuse(of_spec, "without --spec")
    one_thread()
    note_code("train")
    how = {"device": device, "kernels": kernels, "convolutions": convolutions}
    if pack is not None:
        _train_pack(pack, how)
    elif spec is not None:
        _check(tree or Tree.ANY, [log])
        _work([job_of_spec(spec, data, out, log)], how)
    elif runs:
        found = chosen(study)
        jobs = jobs_by_name(runs, found)
        _check(tree or Tree.wanted(found.faithful, load_config()["allow_dirty"]))
        _train_by_hand(jobs, how)
    else:
        raise UserError("name a run to train; `largebatch runs` lists them.")


def _check(tree: Tree, logs: Iterable[Path | None] = ()) -> None:
    """Say what is not committed, or refuse it where `tree` does."""
    with also_in(logs):
        said = check_tree(tree, Path("."))
    if said:
        typer.echo(f"largebatch: {said}", err=True)


def _train_pack(file: Path, how: dict) -> None:
    from largebatch.training import progress
    from largebatch.training.job import read_pack

    jobs = read_pack(file)
    resources = json.loads(file.read_text()).get("resources", {})
    how = {key: resources.get(key, value) or "auto" for key, value in how.items()}
    _check(Tree(resources.get("tree", Tree.ANY)), [job.log for job in jobs])
    _work(jobs, how, progress.to_file(file.with_name("progress.json")), tell=False)


def _train_by_hand(jobs: list["Job"], how: dict) -> None:
    from largebatch.training import progress

    if stored := [str(job.out) for job in jobs if job.out.exists()]:
        are = f" and {len(stored) - 1} more are" if len(stored) > 1 else " is"
        typer.echo(f"largebatch: {stored[0]}{are} stored and will be replaced.", err=True)
    _work(jobs, how, progress.to_bar(sum(job.spec["task"]["epochs"] for job in jobs)))


def _work(
    jobs: list["Job"], how: dict, on_epoch=lambda pack, trainees: None, tell: bool = True
) -> None:
    """Train the jobs; `tell`: name each one that failed (for a pack, the executor does)."""
    from largebatch.training import worker
    from largebatch.training.drive import Stopped
    from largebatch.training.execution import Execution

    given = {key: value for key, value in how.items() if value is not None}
    how = given if len(given) == len(how) else load_config() | given
    with also_in(job.log for job in jobs):
        for job in jobs:
            check_batch(job)
            check_precision(job, how["device"])
    execution = Execution(how["kernels"], convolutions=how["convolutions"])
    try:
        failed = worker.train(jobs, device=how["device"], execution=execution, on_epoch=on_epoch)
    except Stopped:
        raise typer.Exit(STOPPED) from None
    for job in failed if tell else ():
        typer.echo(f"largebatch: {job.name} failed{_why(job)}", err=True)
    if failed:
        raise typer.Exit(FAILED)


def _why(job: "Job") -> str:
    """The last words of its log, if they are about this training and not an earlier one."""
    words = (last_words(job.log, job.name) if job.log else None) or ENDS[0]
    return "; see above." if words.startswith(ENDS) else f": {words} ({job.log})"
