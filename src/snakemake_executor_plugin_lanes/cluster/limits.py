"""How long each partition lets a job run, and how much memory its nodes have.

SLURM accepts a job that asks for more time than its partition allows, but never starts it. It
refuses a job that asks for more memory than any node has; a retry, which asks for more than the
first try, is still worth starting with what there is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.commands import Away, call

LONGEST = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
RESTING = re.compile("down|drain|fail|maint|boot|power|unk|reserved")  # a node's state begins so


@dataclass(frozen=True)
class Limits:
    """The limits of each partition.

    minutes: the longest job, for partitions with a limit. default: the partition of jobs that name
    none. megabytes: memory of the partition's largest node. resting: partitions with nodes that are
    down or drained.
    """

    minutes: dict[str, int] = field(default_factory=dict)
    default: str = ""
    megabytes: dict[str, int] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)

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
        return not self.resting.isdisjoint((partitions or self.default).split(","))

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
    """The limits by `sinfo`, also of hidden partitions (`-a`); None if it does not answer."""
    try:
        said = call("sinfo", "-h", "-a", "-o", "%P|%l|%m|%T", given_up=given_up)
    except Away:
        return None
    return None if said.returncode else parse(said.stdout)


def parse(said: str) -> Limits:
    """Read lines of partition|limit|megabytes of a node|state; the default partition has a star."""
    rows = [line.split("|") for line in said.splitlines() if line.count("|") == 3]
    limits = Limits(default=next((name[:-1] for name, *_ in rows if name.endswith("*")), ""))
    for starred, limit, memory, state in rows:  # one for each kind of node
        name, size = starred.rstrip("*"), memory.rstrip("+")  # `+`: this much or more
        if longest := to_minutes(limit):
            limits.minutes[name] = longest
        if size.isdigit():
            limits.megabytes[name] = max(limits.megabytes.get(name, 0), int(size))
        if RESTING.match(state):
            limits.resting.add(name)
    return limits


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
