"""Adopt the packs that a killed Snakemake left in SLURM's queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from largebatch.training.leases.spool import WITHOUT_SNAKEMAKE
from snakemake_executor_plugin_lanes.cluster.queue import Queue, cancel
from snakemake_executor_plugin_lanes.cluster.seen import Seen
from snakemake_executor_plugin_lanes.folders import is_made, is_there, made_by, note, read
from snakemake_executor_plugin_lanes.pack import outputs


@dataclass(frozen=True)
class Found:
    """A pack in the queue.

    job: id of its SLURM job. members: the jobs of those of its runs that we wait for, by number.
    """

    folder: Path
    job: str
    members: dict[int, SubmittedJobInfo]


class LeftOver:
    """The packs of earlier Snakemakes that SLURM may still have, listed before any new one starts.

    Snakemake may release jobs one by one, or some only after others, so a pack stays left over as
    long as it has runs of which we know no job.

    packs: as `_on_disk` finds them, without the runs whose jobs are known. grace: seconds to wait
    for jobs that are in the way. is_forced: whether a job's result is to be made again, though it
    is there. put_back: called with the files of packs that have ended. say: called with a line
    about each job in the way, or about a disk that is away.
    """

    def __init__(
        self,
        spool: Path,
        queue: Queue,
        grace: float,
        is_forced: Callable[[object], bool],
        put_back: Callable[[list[str]], None],
        say: Callable[[str], None],
    ):
        self.spool, self.queue, self.grace = spool.absolute(), queue, grace
        self.is_forced, self.put_back, self.say = is_forced, put_back, say
        self.packs = _on_disk(self.spool)
        self.seen = False
        self.cancelled: dict[str, float] = {}  # SLURM job: when
        self.said: set[str] = set()

    def whose(self, waiting: Sequence[SubmittedJobInfo]) -> list[Found] | None:
        """Which pack is already at work on which of the waiting jobs; each job is in one at most.

        After that, none of these jobs' runs is left over. None until SLURM and the disk answer, and
        while other jobs are in the way: then everything stays left over.
        """
        if not self.queue.answered:
            return None
        try:
            found = self._found(waiting)
            rivals = self._in_the_way(without(waiting, found))
        except OSError as error:  # a shared file system may be away for a moment
            self._say_once(f"{error}: no pack starts until it is known which ones already run")
            return None
        if self._waits_for(rivals):
            return None
        if not self.seen:
            self._end_others(found)
        self.seen = True
        self._forget(waiting)
        return found

    def _found(self, waiting: Sequence[SubmittedJobInfo]) -> list[Found]:
        by_output = {str(outputs(info.job)): info for info in waiting if info.job.output}
        found = []
        for name, content in self.packs.items():
            folder, seen = self.spool / name, self.queue.jobs.get(name)
            job = seen.job if seen else content["job"]
            if job is None:  # it never reached SLURM
                continue
            members = {}
            for number, run in content["runs"].items():
                info = by_output.get(str(run["out"]))
                if info and self._is_under_way(run, info.job, folder, number, seen):
                    members[number] = by_output.pop(str(run["out"]))
            if members:
                found.append(Found(folder, job, members))
        return found

    def _is_under_way(self, run: dict, job, folder: Path, number: int, seen: Seen | None) -> bool:
        """Is this the run we wait for, with the same settings and code, and is its result to come?

        The result may also have come while this Snakemake was starting.
        """
        if any(run.get(key) != value for key, value in job.params.items()):
            return False
        if is_there(folder) and not is_there(folder / f"{number}.done"):
            return _is_alive(seen) and not seen.ending
        return is_made(run["out"]) and not self.is_forced(job)

    def _in_the_way(self, waiting: Sequence[SubmittedJobInfo]) -> list[Seen]:
        """SLURM jobs that hold wanted runs but were not adopted: ending, or of other settings."""
        wanted = {str(outputs(info.job)) for info in waiting}
        return [
            seen
            for name, content in self.packs.items()
            if _is_alive(seen := self.queue.jobs.get(name))
            and any(_holds(run, wanted) for run in content["runs"].values())
        ]

    def _waits_for(self, rivals: list[Seen]) -> bool:
        """Cancel each rival once; True while one may still give its runs back."""
        now = self.queue.answered
        new = [seen.job for seen in rivals if seen.job not in self.cancelled]
        going_on = [seen.job for seen in rivals if seen.job in new and not seen.ending]
        jobs = ", ".join(going_on)
        refused = self.queue.line.ask(f"scancel {jobs}", cancel, going_on) if going_on else ""
        if refused is None:
            return True
        if refused:
            self._say_once(f"SLURM jobs {jobs}, which have other settings, go on ({refused})")
            return True
        self.cancelled |= dict.fromkeys(new, now)
        for job in going_on:
            self.say(f"cancelled SLURM job {job}, which trains with other settings")
        return any(now - self.cancelled[seen.job] < self.grace for seen in rivals)

    def _say_once(self, line: str) -> None:
        if line not in self.said:
            self.say(line)
        self.said.add(line)

    def _end_others(self, found: Sequence[Found]) -> None:
        """Mark as ended the packs that were not adopted and that SLURM no longer has."""
        adopted = {one.folder.name for one in found}
        for name in [*self.packs]:
            if name not in adopted and not _is_alive(self.queue.jobs.get(name)):
                self.put_back(made_by(self.packs.pop(name)["runs"].values()))
                note(self.spool / name, "ended", WITHOUT_SNAKEMAKE)

    def _forget(self, waiting: Sequence[SubmittedJobInfo]) -> None:
        """What becomes of these jobs is known; a retry of one gets a pack of ours."""
        known = {str(outputs(info.job)) for info in waiting}
        for name, content in [*self.packs.items()]:
            runs = content["runs"]
            content["runs"] = {n: run for n, run in runs.items() if str(run["out"]) not in known}
            if not content["runs"]:
                del self.packs[name]


def without(waiting: Sequence[SubmittedJobInfo], found: Sequence[Found]) -> list[SubmittedJobInfo]:
    """The waiting jobs that belong to none of the packs found."""
    adopted = {id(info) for one in found for info in one.members.values()}
    return [info for info in waiting if id(info) not in adopted]


def _on_disk(spool: Path) -> dict[str, dict]:
    """{name: {job, runs by number}} of the packs in `spool` that have not ended.

    `job` is None where it was not noted: Snakemake was killed while it was submitting the pack.
    """
    found = {}
    for file in spool.glob("*/batch.sh"):
        job, content = file.with_name("job"), read(file.with_name("pack.json"))
        try:
            if content is None or is_there(file.with_name("ended")):
                continue
            runs = dict(enumerate(content["runs"]))
            number = job.read_text() if is_there(job) else None
            found[file.parent.name] = {"job": number, "runs": runs}
        except OSError:
            continue
    return found


def _is_alive(seen: Seen | None) -> TypeGuard[Seen]:
    return seen is not None and seen.alive


def _holds(run: dict, wanted: set[str]) -> bool:
    return str(run["out"]) in wanted and not is_there(run["done"])
