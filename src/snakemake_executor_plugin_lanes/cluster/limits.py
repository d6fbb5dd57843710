"""How long SLURM lets a job run, partition by partition, so that no pack waits for ever.

SLURM takes a job that asks for more than its partition allows, and never starts it.
"""

import re
import subprocess

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.queue import SECONDS

LONGEST = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")


class Limits:
    """Minutes by partition, where there is a limit; `default`: the partition of who names none."""

    def __init__(self, minutes: dict[str, int], default: str = ""):
        self.minutes, self.default = minutes, default

    def of(self, partitions: str | None) -> int | None:
        """The longest that one of `a,b,...` allows; None: no limit, or not known."""
        names = (partitions or self.default).split(",")
        known = [self.minutes.get(name) for name in names]
        return None if None in known else max(known)

    def exceeded(self, job, partitions: str | None) -> int | None:
        """What is allowed, if the job asks for more."""
        longest = self.of(partitions)
        return longest if longest is not None and job.resources.runtime > longest else None

    def test(self, job, partitions: str | None) -> None:
        """Raises WorkflowError, one sentence, for a job that would never start."""
        if longest := self.exceeded(job, partitions):
            where = f"partition {partitions}" if partitions else "the default partition"
            raise WorkflowError(
                f"config/cluster.yaml: walltime: {job.resources.pack} asks for "
                f"{job.resources.runtime} minutes and {where} allows {longest}; set max_walltime: "
                f"{longest} (what is unfinished by then goes on in a retry) or another partition."
            )


def ask() -> Limits:
    """What `sinfo` says; no limits if it does not answer."""
    try:
        said = subprocess.run(
            ["sinfo", "-h", "-o", "%P|%l"], capture_output=True, text=True, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return Limits({})
    return parse(said.stdout)


def parse(said: str) -> Limits:
    """From lines of partition|limit; the default one has a star."""
    rows = [line.split("|") for line in said.splitlines() if "|" in line]
    minutes = {name.rstrip("*"): to_minutes(limit) for name, limit in rows}
    default = next((name.rstrip("*") for name, _ in rows if name.endswith("*")), "")
    return Limits({name: longest for name, longest in minutes.items() if longest}, default)


def to_minutes(limit: str) -> int | None:
    """SLURM's `days-hours:minutes:seconds` and its shorter forms; None for `infinite`."""
    found = LONGEST.fullmatch(limit)
    if not found:
        return None
    days, *rest = found.groups()
    numbers = [int(number) for number in rest if number is not None]
    if days is not None or len(numbers) == 3:
        hours, minutes, *_ = [*numbers, 0]
        return (24 * int(days or 0) + hours) * 60 + minutes
    return numbers[0]
