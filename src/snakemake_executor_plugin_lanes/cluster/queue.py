"""What SLURM says about our jobs: `squeue` only, so that clusters without accounting will do."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from snakemake_executor_plugin_lanes.cluster.commands import Away, call, last_words

# All other states wait, run or may come back, and so may states of SLURMs to come. NODE_FAIL,
# PREEMPTED and the like are ends unless the job is seen in another state within the grace: a
# requeued job passes through them.
ENDED = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "LAUNCH_FAILED"),
        *("NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "RECONFIG_FAIL", "REVOKED", "TIMEOUT"),
    }
)
# Of them, those that are for good, and may come before anything was trained: a job that was
# cancelled while it waited, or whose `setup` failed. Python alone takes longer to start than that.
IN_VAIN = frozenset({"CANCELLED", "DEADLINE", "FAILED"})
NO_TIME = frozenset({"0:00", "0:01"})
# Reasons for which a pending job would wait for ever, and the keys that have to change. Those that
# may also mean "its nodes are down" (PartitionNodeLimit) or "others of yours run" (PerUser, Grp)
# are not here: such a job waits.
HOPELESS = {
    r"PartitionTimeLimit|\w+MaxWallDurationPerJobLimit|\w+MinutesPerJob(Limit)?": "walltime",
    r"\w+MaxCpuPer(JobLimit|Node)|QOSMinCpuNotSatisfied": "cpus",
    r"\w+MaxMem(ory)?Per(Job|Node)|MaxMemPerLimit|QOSMinMemory": "memory_mb",
    r"\w+MaxGRESPer(Job|Node)|QOSMinGRES": "gpus",
    r"BadConstraints": "constraint or gpu_type",
    r"InvalidAccount|AccountNotAllowed": "account",
    r"InvalidQOS|QOSNotAllowed": "qos",
    r"DependencyNeverSatisfied": "extra",
}


@dataclass(frozen=True)
class Seen:
    """A job in the queue, or one that left it a short while ago."""

    job: str
    state: str
    reason: str
    node: str
    partition: str
    elapsed: str

    @property
    def alive(self) -> bool:
        return self.state not in ENDED

    @property
    def ending(self) -> bool:
        """Its process has ended or is told to; SLURM may start it again, or not."""
        return self.state == "COMPLETING"

    @property
    def in_vain(self) -> bool:
        """It ended for good, and no run can have come of it."""
        return self.state in IN_VAIN and (not self.node or self.elapsed in NO_TIME)

    @property
    def hopeless(self) -> str | None:
        """The key of config/cluster.yaml that keeps the job from ever starting.

        Of several partitions the reason tells about one, and another may take the job.
        """
        if self.state != "PENDING" or "," in self.partition:
            return None
        return next((k for said, k in HOPELESS.items() if re.fullmatch(said, self.reason)), None)

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason not in ("", "None") else ""
        return f"{self.state}{reason}"


class Queue:
    """The last answer, by job name; `answered` is when it was asked for (0: no answer yet).

    warn: where it is told, once, that there is none now.
    """

    def __init__(self, seconds: float, warn: Callable[[str], None]):
        self.seconds, self.warn = seconds, warn
        self.jobs: dict[str, Seen] = {}
        self.asked = self.answered = 0.0

    def look(self, names: Iterable[str]) -> None:
        """Ask about jobs of these names, unless it is too early; no answer changes nothing."""
        names = list(names)
        if not names or time.monotonic() - self.asked < self.seconds:
            return
        heard, self.asked = self.answered == self.asked, time.monotonic()
        try:
            self.jobs, self.answered = _squeue(names), self.asked
        except Away as said:
            if heard:
                self.warn(f"SLURM does not say how packs are ({said}).")


def _squeue(names: list[str]) -> dict[str, Seen]:
    fields = "%j|%i|%T|%r|%N|%P|%M"
    said = call("squeue", "-h", "-t", "all", "-o", fields, f"--name={','.join(names)}")
    if said.returncode:
        raise Away(last_words(said.stderr))
    lines = [line.split("|") for line in said.stdout.splitlines() if line.count("|") == 6]
    found = [(name, Seen(*rest)) for name, *rest in lines]
    # A pack is in twice if SLURM took it and could not say so: one that is alive counts.
    return dict(sorted(found, key=lambda one: one[1].alive))


def cancel(jobs: Iterable[str], names: Iterable[str] = ()) -> bool:
    """Cancel jobs by id and by name; False if SLURM does not answer, which is not waited for."""
    jobs = list(jobs)
    commands = [["scancel", *jobs]] if jobs else []
    commands += [["scancel", f"--name={name}"] for name in names]
    try:
        for command in commands:
            call(*command)
    except Away:
        return False
    return True
