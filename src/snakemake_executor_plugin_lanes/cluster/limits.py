"""How long each partition lets a job run, and how much memory its nodes have.

SLURM accepts a job that asks for more time than its partition allows, but never starts it. It
refuses a job that asks for more memory than any node has; a retry, which asks for more than the
first try, is still worth starting with what there is.
"""

import re
from collections.abc import Callable, Collection

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.commands import Away, call

LONGEST = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
RESTING = re.compile("down|drain|fail|maint|boot|power|unk|reserved")  # a node's state begins so


class Limits:
    """The limits of each partition.

    minutes: the longest job, for partitions with a limit. default: the partition of jobs that name
    none. megabytes: memory of the partition's largest node. resting: partitions with nodes that are
    down or drained.
    """

    def __init__(
        self,
        minutes: dict[str, int],
        default: str = "",
        megabytes: dict[str, int] | None = None,
        resting: Collection[str] = (),
    ):
        self.minutes, self.default, self.megabytes = minutes, default, megabytes or {}
        self.resting = resting

    def of(self, partitions: str | None) -> int | None:
        """The most minutes that one of `a,b,...` allows; None: no limit, or not known."""
        return self._most(self.minutes, partitions)

    def memory(self, job, partitions: str | None) -> int | None:
        """The megabytes of the largest node, if a retry asks for more; else None."""
        most = self._most(self.megabytes, partitions)
        asked = job.resources.get("mem_mb", 0)
        first = asked // job.attempt  # if no node has even that much, sbatch says so
        return most if most is not None and first <= most < asked else None

    def some_rest(self, partitions: str | None) -> bool:
        """Are some nodes down or drained?"""
        return not set(self.resting).isdisjoint((partitions or self.default).split(","))

    def _most(self, known: dict[str, int], partitions: str | None) -> int | None:
        names = (partitions or self.default).split(",")
        return max(known[name] for name in names) if known.keys() >= set(names) else None

    def exceeded(self, job, partitions: str | None) -> int | None:
        """The minutes allowed, if the job asks for more; else None."""
        longest = self.of(partitions)
        return longest if longest is not None and job.resources.runtime > longest else None

    def test(self, job, partitions: str | None) -> None:
        """Raise WorkflowError, one sentence, for a job that would never start."""
        if longest := self.exceeded(job, partitions):
            where = f"partition {partitions}" if partitions else "the default partition"
            raise WorkflowError(
                f"config/cluster.yaml: walltime: {job.resources.pack} asks for "
                f"{job.resources.runtime} minutes and {where} allows {longest}; set max_walltime: "
                f"{longest} (a retry goes on from there) or choose another partition."
            )


def ask_sinfo(given_up: Callable[[], bool]) -> Limits | None:
    """The limits by `sinfo`; None if it does not answer."""
    try:
        said = call("sinfo", "-h", "-o", "%P|%l|%m|%T", given_up=given_up)
    except Away:
        return None
    return None if said.returncode else parse(said.stdout)


def parse(said: str) -> Limits:
    """Read lines of partition|limit|megabytes of a node|state; the default partition has a star."""
    rows = [line.split("|") for line in said.splitlines() if line.count("|") == 3]
    minutes = {name.rstrip("*"): to_minutes(limit) for name, limit, *_ in rows}
    default = next((name.rstrip("*") for name, *_ in rows if name.endswith("*")), "")
    resting = {name.rstrip("*") for name, *_, state in rows if RESTING.match(state)}
    megabytes: dict[str, int] = {}
    for name, _, memory, _ in rows:  # one row for each kind of node; `+`: this much or more
        if memory.rstrip("+").isdigit():
            most = max(megabytes.get(name.rstrip("*"), 0), int(memory.rstrip("+")))
            megabytes[name.rstrip("*")] = most
    limited = {name: longest for name, longest in minutes.items() if longest}
    return Limits(limited, default, megabytes, resting)


def to_minutes(limit: str) -> int | None:
    """Minutes of SLURM's `days-hours:minutes:seconds` and shorter forms; None for `infinite`."""
    found = LONGEST.fullmatch(limit)
    if not found:
        return None
    days, *rest = found.groups()
    numbers = [int(number) for number in rest if number is not None]
    if days is not None or len(numbers) == 3:
        hours, minutes, *_ = [*numbers, 0]
        return (24 * int(days or 0) + hours) * 60 + minutes
    return numbers[0]
