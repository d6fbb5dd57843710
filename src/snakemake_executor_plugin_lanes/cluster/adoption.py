"""Packs that a Snakemake left in SLURM's queue when it was killed, and whose they are now."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes.cluster.queue import Seen
from snakemake_executor_plugin_lanes.folders import is_made, note
from snakemake_executor_plugin_lanes.pack import SPOOL, outputs


@dataclass(frozen=True)
class Found:
    """A pack in the queue. job: SLURM's. size: runs in it. members: those waited for, by number."""

    folder: Path
    job: str
    size: int
    members: dict[int, SubmittedJobInfo]


def on_disk(spool: Path) -> dict[str, dict]:
    """{pack: its pack.json and its `job`} of the packs that SLURM may still have.

    `job` is None where it was not noted: the Snakemake was killed while it handed the pack in.
    """
    found = {}
    for file in spool.absolute().glob("*/batch.sh"):
        job = file.with_name("job")
        if file.with_name("ended").exists():
            continue
        try:
            content = json.loads(file.with_name("pack.json").read_text())
            content["job"] = job.read_text() if job.exists() else None
            found[file.parent.name] = content
        except (OSError, ValueError):
            continue
    return found


def adopt(
    left_over: Mapping[str, dict],
    waiting: Sequence[SubmittedJobInfo],
    queue: Mapping[str, Seen],
    is_forced: Callable[[object], bool],
) -> list[Found]:
    """Which of the waiting jobs are under way in which pack; each in one only."""
    by_output = {str(outputs(info.job)): info for info in waiting if info.job.output}
    found = []
    for name, content in left_over.items():
        folder, seen = SPOOL.absolute() / name, queue.get(name)
        job = seen.job if seen else content["job"]
        if job is None:  # it never came to SLURM
            continue
        members = {}
        for number, run in enumerate(content["runs"]):
            info = by_output.get(str(run["out"]))
            if info and _is_under_way(run, info.job, folder, number, seen, is_forced):
                members[number] = by_output.pop(str(run["out"]))
        if members:
            found.append(Found(folder, job, len(content["runs"]), members))
    return found


def in_the_way(
    left_over: Mapping[str, dict],
    waiting: Sequence[SubmittedJobInfo],
    queue: Mapping[str, Seen],
) -> list[Seen]:
    """Jobs that hold runs which nobody adopted: they are ending, or train with other settings."""
    wanted = {str(outputs(info.job)) for info in waiting}
    alive = [(name, queue[name]) for name in left_over if name in queue and queue[name].alive]
    return [
        seen
        for name, seen in alive
        if any(
            str(run["out"]) in wanted and not Path(run["done"]).exists()
            for run in left_over[name]["runs"]
        )
    ]


def end_others(left_over: Iterable[str], found: Sequence[Found], queue: Mapping[str, Seen]) -> None:
    """Note of packs that were not adopted, and that SLURM does not have, that they ended."""
    adopted = {one.folder.name for one in found}
    for name in left_over:
        if name not in adopted and not (name in queue and queue[name].alive):
            note(SPOOL.absolute() / name, "ended", "ended while no Snakemake was there")


def _is_under_way(run: dict, job, folder: Path, number: int, seen: Seen | None, is_forced) -> bool:
    """Is this the run that is waited for, of the same settings and code, and still to come?

    It may have come while this Snakemake was starting.
    """
    if any(run.get(key) != value for key, value in job.params.items()):
        return False
    if folder.exists() and not (folder / f"{number}.done").exists():
        return seen is not None and seen.alive and not seen.ending
    return is_made(run["out"]) and not is_forced(job)
