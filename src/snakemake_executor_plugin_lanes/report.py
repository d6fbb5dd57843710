"""Lines of progress: what has started, what runs, how long it will take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SHOWN = 20  # failures


@dataclass(frozen=True)
class Failure:
    """A job that failed. words: the last of its log; reason: these from its name on."""

    made: str
    why: str
    words: str
    reason: str
    logs: tuple[str, ...]

    def __str__(self) -> str:
        said = ": ".join(filter(None, (self.made, self.why, self.words)))
        return f"{said} ({', '.join(self.logs)})" if self.logs else said


class Report:
    """Counts jobs and their `work`, and tells `say` about it every `seconds` seconds."""

    def __init__(self, seconds: float, say: Callable[[str], None]):
        self.seconds, self.say = seconds, say
        self.work: dict[str, float] = {}  # by output: a retry is no other job
        self.done = self.work_done = 0
        self.began: float | None = None
        self.spoke = time.monotonic()
        self.failures: dict[str, Failure] = {}  # by output

    def released(self, job) -> None:
        self.work[_key(job)] = job.resources.get("work", 0)

    def started(self, process) -> None:
        count = len(process.unsettled)
        what = process.lead.resources.get("pack") or _made(process.lead)
        jobs = f", {count} jobs" if count > 1 else ""
        self.say(f"{process.lead.name}: {what} {process.begun}{jobs}")
        if self.began is None and process.lead.resources.get("work"):
            self.began = time.monotonic()

    def succeeded(self, job) -> None:
        self.done += 1
        self.work_done += job.resources.get("work", 0)
        self.failures.pop(_key(job), None)

    def failed(self, jobs: Sequence, why: str, logs: Sequence[str]) -> None:
        """Jobs of one process, for one reason: said at once, and kept for the summary."""
        for job in jobs:
            words, where = _last_words(job, logs), (*map(str, job.log), *logs)
            reason = words.partition(_name(job))[2] or words
            self.failures[_key(job)] = Failure(_made(job), why, words, reason, where)
        count = f" and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        self.say(f"failed{count}: {self.failures[_key(jobs[0])]}")

    def last_words(self) -> None:
        """What failed and was not made good by a retry, each reason once."""
        alike: dict[tuple[str, str], list[Failure]] = {}
        for failure in self.failures.values():
            alike.setdefault((failure.why, failure.reason), []).append(failure)
        lines = [_of_all(failures) for failures in alike.values()]
        if lines:
            more = [f"and {len(lines) - SHOWN} more reasons"] if len(lines) > SHOWN else []
            self.say("\n    ".join([f"{len(self.failures)} jobs failed:", *lines[:SHOWN], *more]))

    def look(self, running: Sequence, waiting: int) -> None:
        """Speak if it is time; `running`: what is under way, `Pack`s and `Single`s."""
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


def _of_all(failures: list[Failure]) -> str:
    """The first of some that failed for one reason, and how many more there are."""
    first, *others = failures
    made = f"{first.made} and {len(others)} more" if others else first.made
    return str(replace(first, made=made))


def _key(job) -> str:
    """Whose work and failure it is, try after try."""
    return str(job.output) or job.name


def _name(job) -> str:
    """As a run's log has it; a job without output has its rule's name."""
    if not job.output:
        return job.name
    return "/".join(Path(str(job.output[0])).with_suffix("").parts[-5:])


def _last_words(job, logs: Sequence[str]) -> str:
    """The last line of the job's own log, of an error its message.

    What finds no room there, on a full disk say, a run tells its pack's log, with its name. Where
    no run ever began, a shell or Python has said why in the pack's log.
    """
    own = [line for log in list(job.log)[:1] for line in _lines(log)]
    pack = [line for log in logs for line in _lines(log)]
    named = [line for line in pack if _name(job) in line]
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
    parts += [process.state] if process.state else []
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
