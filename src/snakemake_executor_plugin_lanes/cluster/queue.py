"""What SLURM says about our jobs, by `squeue` alone: clusters without accounting will do."""

import os
import re
import time
from collections.abc import Callable, Iterable
from subprocess import CompletedProcess

from snakemake_executor_plugin_lanes.cluster.commands import Away, call, last_words
from snakemake_executor_plugin_lanes.cluster.line import Line
from snakemake_executor_plugin_lanes.cluster.seen import Seen

# What scancel says of jobs that are not to be cancelled any more.
ENDED_BEFORE = re.compile("Invalid job id|already complet")


class Queue:
    """The last answer of `squeue` about all jobs of this user, by job name.

    seconds: between two questions. answered: when that answer was asked for (0: no answer yet).
    warn: called whenever SLURM stops or begins again to answer. given_up: no answer is waited for
    once it says so.
    """

    def __init__(
        self,
        seconds: float,
        line: Line,
        warn: Callable[[str], None],
        given_up: Callable[[], bool] = lambda: False,
    ):
        self.seconds, self.line, self.warn, self.given_up = seconds, line, warn, given_up
        self.jobs: dict[str, Seen] = {}
        self.asked = self.answered = 0.0
        self.silent = False

    def look(self) -> None:
        """Ask, unless it is too early, and take the answer that has come; none changes nothing."""
        if not self.line.is_asked("squeue"):
            if time.monotonic() - self.asked < self.seconds:
                return
            self.asked = time.monotonic()
        try:
            jobs = self.line.ask("squeue", _squeue, self.given_up)
        except Away as said:
            self._warn(True, f"SLURM does not report the state of packs ({said}).")
            return
        if jobs is not None:
            self.jobs, self.answered = jobs, self.asked
            self._warn(False, "SLURM reports the state of packs again.")

    def _warn(self, silent: bool, words: str) -> None:
        if silent != self.silent:
            self.warn(words)
        self.silent = silent


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
