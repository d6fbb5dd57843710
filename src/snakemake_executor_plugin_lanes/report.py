"""Lines of progress: what has started, what runs, how long it will take."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

SHOWN = 20  # failures


class Report:
    """Counts jobs and their `work`, and tells `say` about it every `seconds` seconds."""

    def __init__(self, seconds: float, say: Callable[[str], None]):
        self.seconds, self.say = seconds, say
        self.work: dict[str, float] = {}  # by output: a retry is no other job
        self.done = self.work_done = 0
        self.began: float | None = None
        self.spoke = time.monotonic()
        self.failures: dict[str, str] = {}  # output: why it is not there, and the log

    def released(self, job) -> None:
        self.work[str(job.output)] = job.resources.get("work", 0)

    def started(self, process) -> None:
        count = len(process.unsettled)
        what = process.lead.resources.get("pack") or _made(process.lead)
        self.say(f"{process.lead.name}: {what} started" + (f", {count} jobs" if count > 1 else ""))
        if self.began is None and process.lead.resources.get("work"):
            self.began = time.monotonic()

    def succeeded(self, job) -> None:
        self.done += 1
        self.work_done += job.resources.get("work", 0)
        self.failures.pop(str(job.output), None)

    def failed(self, jobs: Sequence, why: str, logs: Sequence[str]) -> None:
        """Jobs of one process, for one reason: said at once, and kept for the summary."""
        for job in jobs:
            said = [_made(job), why, _last_words(job, logs)]
            where = ", ".join([*map(str, job.log), *logs])
            line = ": ".join(filter(None, said)) + (f" ({where})" if where else "")
            self.failures[str(job.output)] = line
        count = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        self.say(f"failed{count}: {self.failures[str(jobs[0].output)]}")

    def last_words(self) -> None:
        """What failed and was not made good by a retry."""
        lines = list(self.failures.values())
        if lines:
            more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
            self.say("\n    ".join([f"{len(lines)} jobs failed:", *lines[:SHOWN], *more]))

    def look(self, running: Sequence, waiting: int) -> None:
        """Speak if it is time; `running`: processes with `lead`, `unsettled` and `progress()`."""
        if not running or time.monotonic() - self.spoke < self.seconds:
            return
        self.spoke = time.monotonic()
        done = f"{self.done} of {len(self.work)} jobs done, {waiting} waiting"
        lines = [done + self._time_left(running), *(f"    {_where(one)}" for one in running)]
        self.say("\n".join(lines))

    def _time_left(self, running: Sequence) -> str:
        """From the share of the work that is done; a guess, and said to be one."""
        if self.began is None:
            return ""
        done = self.work_done + sum(_work_done(process) for process in running)
        if not done:
            return ""
        left = (time.monotonic() - self.began) * (sum(self.work.values()) - done) / done
        return f", about {_duration(left)} left"


def _last_words(job, logs: Sequence[str]) -> str:
    """The last line of the job's own log, of an error its message.

    What finds no room there, on a full disk say, a run tells its pack's log, with its name. Where
    no run ever began, a shell or Python has said why in the pack's log.
    """
    own = [line for log in list(job.log)[:1] for line in _lines(log)]
    name = "/".join(Path(str(job.output)).with_suffix("").parts[-5:])
    pack = [line for log in logs for line in _lines(log)]
    named = [line for line in pack if name in line]
    return next((lines[-1] for lines in (named, own, pack) if lines), "")


def _lines(log: str) -> list[str]:
    try:
        return [*filter(None, Path(log).read_text(errors="replace").splitlines())]
    except OSError:
        return []


def _made(job) -> str:
    """The file that a job makes, or the first of them; a job without any has its rule's name."""
    if not job.output:
        return job.name
    first, *others = map(str, job.output)
    return f"{first} and {len(others)} more" if others else first


def _where(process) -> str:
    seen, jobs = process.progress(), len(process.unsettled)
    parts = [process.lead.resources.get("pack") or process.lead.name]
    parts += [f"epoch {seen['epoch']} of {seen['epochs']}"] if seen else []
    parts += [f"{jobs} jobs"] if jobs > 1 else []
    return ", ".join(parts)


def _work_done(process) -> float:
    seen = process.progress()
    share = seen["epoch"] / seen["epochs"] if seen else 0.0
    return share * sum(info.job.resources.get("work", 0) for info in process.unsettled)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
