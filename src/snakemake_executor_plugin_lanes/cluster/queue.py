"""What SLURM says about our jobs, by `squeue` alone: clusters without accounting will do."""

import os
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from subprocess import CompletedProcess

from snakemake_executor_plugin_lanes.cluster.commands import Away, call, last_words
from snakemake_executor_plugin_lanes.cluster.limits import to_minutes

# A job in any other state, also one of a future SLURM, waits, runs or may come back. NODE_FAIL,
# PREEMPTED and the like are final unless the job is seen in another state within the grace period:
# a requeued job passes through them.
ENDED = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "LAUNCH_FAILED"),
        *("NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "RECONFIG_FAIL", "REVOKED", "TIMEOUT"),
    }
)
# Those of them that are final and may come before anything was trained: the job was cancelled
# while it waited, or its `setup` failed. Python alone takes longer than NO_TIME to start.
IN_VAIN = frozenset({"CANCELLED", "DEADLINE", "FAILED"})
NO_TIME = frozenset({"0:00", "0:01"})
# What scancel says of jobs that are not to be cancelled any more.
ENDED_BEFORE = re.compile("Invalid job id|already complet")
# Reasons why a pending job would wait for ever, and the keys that have to change. Reasons that may
# also mean "its nodes are down" (PartitionNodeLimit) or "other jobs of yours run" (PerUser, Grp)
# are left out: such a job waits.
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
    """A job that is in the queue or left it a short while ago."""

    job: str
    state: str
    reason: str
    node: str
    partition: str
    elapsed: str
    left: str = ""  # until its time limit

    @property
    def alive(self) -> bool:
        return self.state not in ENDED

    @property
    def ending(self) -> bool:
        """Its process has ended or was told to; SLURM may start it again or not."""
        return self.state == "COMPLETING"

    @property
    def in_vain(self) -> bool:
        """It ended for good and cannot have finished a run."""
        return self.state in IN_VAIN and (not self.node or self.elapsed in NO_TIME)

    def how_it_ended(self, notice: int) -> str:
        """In words; SLURM calls any death by a signal a failed launch.

        notice: seconds before its time limit at which it is told to stop; SLURM may do so a minute
        early.
        """
        left = to_minutes(self.left)
        match self.state, self.reason:
            case "FAILED", "JobLaunchFailure" if self.elapsed not in NO_TIME:
                return "was killed, perhaps because memory ran out,"
            case "FAILED", "NonZeroExitCode" if left is not None and 60 * left <= notice + 60:
                return "was told to stop before its time limit (config/cluster.yaml: walltime)"
        return f"ended as {self}"

    @property
    def hopeless(self) -> str | None:
        """The key of config/cluster.yaml that keeps the job from ever starting.

        None for a job of several partitions: the reason is about one, and another may take it.
        """
        if self.state != "PENDING" or "," in self.partition:
            return None
        return next((k for said, k in HOPELESS.items() if re.fullmatch(said, self.reason)), None)

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason not in ("", "None") else ""
        return f"{self.state}{reason}"


class Queue:
    """The last answer of `squeue` about all jobs of this user, by job name.

    answered: when that answer was asked for (0: no answer yet). warn: called whenever SLURM stops
    or begins again to answer. given_up: no answer is waited for once it says so.
    """

    def __init__(
        self,
        seconds: float,
        warn: Callable[[str], None],
        given_up: Callable[[], bool] = lambda: False,
    ):
        self.seconds, self.warn, self.given_up = seconds, warn, given_up
        self.jobs: dict[str, Seen] = {}
        self.asked = self.answered = 0.0
        self.silent = False
        self.thread = ThreadPoolExecutor(1)
        self.answer: Future | None = None

    def look(self) -> None:
        """Ask, unless it is too early, and take the answer that has come; none changes nothing.

        A SLURM that is away may not answer for a minute, so nobody waits for it here.
        """
        if self.answer is None and time.monotonic() - self.asked >= self.seconds:
            self.asked = time.monotonic()
            self.answer = self.thread.submit(_squeue, self.given_up)
        if self.answer and self.answer.done():
            self._take(self.answer)
            self.answer = None

    def _take(self, answer: Future) -> None:
        before = self.silent
        try:
            self.jobs, self.answered, self.silent = answer.result(), self.asked, False
        except Away as said:
            self.silent = True
            if not before:
                self.warn(f"SLURM does not report the state of packs ({said}).")
        else:
            if before:
                self.warn("SLURM reports the state of packs again.")


def _squeue(given_up: Callable[[], bool]) -> dict[str, Seen]:
    """This user's jobs, also those in hidden partitions, which `squeue` lists only with `-a`.

    By user, since then the controller sends no others; by number, which every version takes.
    """
    whose, fields = f"--user={os.getuid()}", "%j|%i|%T|%r|%N|%P|%M|%L"
    said = call("squeue", "-h", "-a", "-t", "all", whose, "-o", fields, given_up=given_up)
    if said.returncode:
        raise Away(last_words(said.stderr))
    lines = [line.split("|") for line in said.stdout.splitlines() if line.count("|") == 7]
    found = [(name, Seen(*rest)) for name, *rest in lines]
    # A pack is listed twice if SLURM took it and could not say so; the job that is alive counts.
    return dict(sorted(found, key=lambda one: one[1].alive))


def cancel(jobs: Iterable[str], names: Iterable[str] = ()) -> str:
    """Cancel jobs by id and by name; returns why some may go on, or nothing."""
    jobs = list(jobs)
    commands = [["scancel", *jobs]] if jobs else []
    commands += [["scancel", f"--name={name}"] for name in names]
    try:
        return "; ".join(filter(None, (_refusal(call(*command)) for command in commands)))
    except Away as said:
        return str(said)


def _refusal(said: CompletedProcess) -> str:
    """Why scancel cancelled not all; nothing if what it could not cancel has ended."""
    if said.returncode == 0:
        return ""
    lines = [line for line in said.stderr.splitlines() if not ENDED_BEFORE.search(line)]
    silent = "" if said.stderr.strip() else f"scancel ended with exit code {said.returncode}"
    return last_words("\n".join(lines)) or silent
