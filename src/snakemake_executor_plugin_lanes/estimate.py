"""How long the rest will take: a guess from the `work` of jobs and the time it took so far."""

import time
from collections.abc import Sequence

SHORTEST = 1.0  # seconds; with less left, what is under way are jobs without `work`, or last steps


class Estimate:
    """Knows the work of all jobs released, and how much of it was done since when.

    work: by the job's key, so that a retry does not count twice. before: of that, what was done
    before a process of ours began with it. began: when the first process with work did.
    """

    def __init__(self):
        self.work: dict[str, float] = {}
        self.before: dict[str, float] = {}
        self.done = 0.0
        self.began: float | None = None

    def released(self, job) -> None:
        self.work[key(job)] = _work(job)

    def started(self, process) -> None:
        if self.began is None and _work(process.lead):
            self.began = time.monotonic()

    def adopted(self, process) -> None:
        """An earlier Snakemake's process: its epochs up to now took none of our time."""
        self._note_before(process, "epoch")
        self.started(process)

    def succeeded(self, job) -> None:
        self.done += _work(job)

    def failed(self, job) -> None:
        """Its retry resumes what we have seen trained."""
        self.before.setdefault(key(job), 0.0)

    def seconds_left(self, running: Sequence) -> float | None:
        """None if nothing has been done yet, and if less is left than can be told."""
        if self.began is None:
            return None
        for process in running:
            self._note_before(process, "resumed")
        done = self.done + sum(map(_work_done, running))
        here = done - sum(self.before.values())
        if here <= 0:
            return None
        left = (time.monotonic() - self.began) * (sum(self.work.values()) - done) / here
        return left if left >= SHORTEST else None

    def _note_before(self, process, epoch: str) -> None:
        """Note the work up to `epoch`, a key of the process's progress, as an earlier Snakemake's.

        What is already known of a job stays.
        """
        if seen := process.progress():
            for info in process.unsettled:
                work = _work(info.job) * seen[epoch] / seen["epochs"]
                self.before.setdefault(key(info.job), work)


def work_left(process) -> float:
    """Work that the jobs of a process under way still need."""
    return _work_of(process) - _work_done(process)


def key(job) -> str:
    """What identifies a job across its retries."""
    return str(job.output) or job.name


def _work(job) -> float:
    return job.resources.get("work", 0)


def _work_of(process) -> float:
    return sum(_work(info.job) for info in process.unsettled)


def _work_done(process) -> float:
    seen = process.progress()
    share = seen["epoch"] / seen["epochs"] if seen else 0.0
    return share * _work_of(process)
