"""Why jobs failed, in few words: what ended their process, and the last line they logged."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SHOWN = 20  # reasons
SETUP = "config/cluster.yaml: setup:"  # how a line about it begins


@dataclass(frozen=True)
class Failure:
    """A job that failed.

    made: the file it should have made. why: what ended its process. words: the last line of its
    log. reason: what follows the job's name in `words`, without that name.
    """

    made: str
    why: str
    words: str
    reason: str
    logs: tuple[str, ...]

    @classmethod
    def of(cls, job, why: str, logs: Sequence[str]) -> "Failure":
        """The failure of `job`; logs: those of its process."""
        name = _name(job)
        words = _last_words(job, name, logs)
        named = name.search(words)
        reason = name.sub("", words[named.end() :]) if named else words
        return cls(made(job), why, words, reason, (*map(str, job.log), *logs))

    def __str__(self) -> str:
        words = f"; its last line: {self.words}" if self.words else ""
        logs = f" ({', '.join(self.logs)})" if self.logs else ""
        return f"{self.made}: {self.why}{words}{logs}"


def summary(failures: Iterable[Failure]) -> list[str]:
    """One line for each reason."""
    alike: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        alike.setdefault((failure.why, failure.reason), []).append(failure)
    lines = [of_all(some) for some in alike.values()]
    more = [f"and {len(lines) - SHOWN} more reasons"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def of_all(failures: Sequence[Failure]) -> str:
    """One line for jobs that failed together: the first, and how many more there are."""
    first, *others = failures
    made = f"{first.made} and {len(others)} more" if others else first.made
    return str(replace(first, made=made))


def made(job) -> str:
    """The first file that a job makes, and how many more; the rule's name if it makes none."""
    if not job.output:
        return job.name
    first, *others = map(str, job.output)
    return f"{first} and {len(others)} more" if others else first


def _name(job) -> re.Pattern:
    """The job's name as logs have it, alone or as its file's; without output, its rule's name.

    Of the whole name: `seed1` is not a part of `seed10`, nor `fig1` of `fig1-b` or `fig1.b`.
    """
    path = Path(str(job.output[0])) if job.output else None
    name = "/".join(path.with_suffix("").parts[-5:]) if path else job.name
    ending = path.suffix if path else ""
    return re.compile(rf"{re.escape(name)}(?:{re.escape(ending)})?(?![\w-]|\.\w)")


def _last_words(job, name: re.Pattern, logs: Sequence[str]) -> str:
    """The last line of the job's own log: of an error, its message.

    Where that log cannot be written, on a full disk say, a run writes to its pack's log, with its
    name. Where no run ever began, a shell or Python has said why in the pack's log.
    """
    own = [line for log in list(job.log)[:1] for line in _lines(log)]
    pack = [line for log in logs for line in _lines(log)]
    named = [line for line in pack if name.search(line)]
    if not named and not own and pack[-1:] and pack[-1].startswith(SETUP):
        return ": ".join(pack[-2:])  # the shell's own words come first
    return next((lines[-1] for lines in (named, own, pack) if lines), "")


def _lines(log: str) -> list[str]:
    try:
        return [*filter(None, Path(log).read_text(errors="replace").splitlines())]
    except OSError:
        return []
