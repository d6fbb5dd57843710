"""What is asked once before a training starts; refusals stand in the logs of its runs."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from largebatch.errors import UserError
from largebatch.records import Tree, canonical_json, check_tree, remake

if TYPE_CHECKING:
    from largebatch.training.job import Job


def check_committed(tree: Tree, logs: Iterable[Path | None] = ()) -> None:
    """Say what is not committed."""
    with _refusals_logged(logs):
        said = check_tree(tree, Path("."))
    if said:
        typer.echo(f"largebatch: {said}", err=True)


def check_data(jobs: "list[Job]") -> None:
    """Snakemake prepares data anew when their settings change; by hand nobody would."""
    from largebatch.data.load import read_facts

    for job in jobs:
        try:
            prepared = read_facts(job.data).get("settings")
        except UserError:
            continue  # missing or damaged: the trainer says so in each log
        if canonical_json(prepared) != canonical_json(job.spec.get("data")):
            with _refusals_logged(job.log for job in jobs):
                raise UserError(
                    f"{job.data}: it was prepared with other settings than this run's; "
                    f"delete it and run {remake(job.data)}."
                )


@contextmanager
def _refusals_logged(logs: Iterable[Path | None]) -> Iterator[None]:
    """A refusal is also the whole log of each run, where users look."""
    try:
        yield
    except UserError as refusal:
        for log in filter(None, logs):
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(f"largebatch: {refusal}\n")
        raise
