"""Why jobs failed, in few words: what ended their process, and the last that they said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SHOWN = 20  # reasons


@dataclass(frozen=True)
class Failure:
    """A job that failed. words: the last of its log; reason: these from its name on."""

    made: str
    why: str
    words: str
    reason: str
    logs: tuple[str, ...]

    @classmethod
    def of(cls, job, why: str, logs: Sequence[str]) -> "Failure":
        """logs: those of its process."""
        words = _last_words(job, logs)
        reason = words.partition(_name(job))[2] or words
        return cls(made(job), why, words, reason, (*map(str, job.log), *logs))

    def __str__(self) -> str:
        said = ": ".join(filter(None, (self.made, self.why, self.words)))
        return f"{said} ({', '.join(self.logs)})" if self.logs else said


def summary(failures: Iterable[Failure]) -> list[str]:
    """A line for each reason."""
    alike: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        alike.setdefault((failure.why, failure.reason), []).append(failure)
    lines = [_of_all(some) for some in alike.values()]
    more = [f"and {len(lines) - SHOWN} more reasons"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _of_all(failures: list[Failure]) -> str:
    """The first of some that failed for one reason, and how many more there are."""
    first, *others = failures
    made = f"{first.made} and {len(others)} more" if others else first.made
    return str(replace(first, made=made))


def made(job) -> str:
    """The file that a job makes, or the first of them; a job without any has its rule's name."""
    if not job.output:
        return job.name
    first, *others = map(str, job.output)
    return f"{first} and {len(others)} more" if others else first


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
