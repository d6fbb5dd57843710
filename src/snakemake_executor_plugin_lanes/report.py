"""Lines of progress: what has started, what is running, what failed."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from largebatch.records import duration
from snakemake_executor_plugin_lanes.estimate import Estimate, key
from snakemake_executor_plugin_lanes.failures import Failure, made, of_all, summary

SHOWN = 10  # packs at work that are listed
NAMED = 5  # waiting packs that are named for each reason


class Report:
    """Counts jobs, and reports through `say` every `seconds` seconds.

    expected: how many jobs there will be, as far as known; they are released little by little.
    """

    def __init__(self, seconds: float, say: Callable[[str], None]):
        self.seconds, self.say = seconds, say
        self.expected = 0
        self.done = 0
        self.estimate = Estimate()
        self.spoke = time.monotonic()
        self.said = ""  # last
        self.failures: dict[str, Failure] = {}  # by the job's key

    def _say(self, words: str) -> None:
        self.said = words
        self.say(words)

    def released(self, job) -> None:
        self.estimate.released(job)

    def started(self, process) -> None:
        count = len(process.unsettled)
        what = process.lead.resources.get("pack") or made(process.lead)
        jobs = f", {count} jobs" if count > 1 else ""
        self._say(f"{process.lead.name}: {what} {process.begun}{jobs}")
        self.estimate.started(process)

    def adopted(self, process) -> None:
        """Take over an earlier Snakemake's process."""
        self.estimate.adopted(process)

    def succeeded(self, job) -> None:
        self.done += 1
        self.estimate.succeeded(job)
        self.failures.pop(key(job), None)

    def failed(self, jobs: Sequence, why: str, logs: Sequence[str]) -> None:
        """Report jobs of one process that failed for one reason, and keep them for the summary."""
        for job in jobs:
            self.failures[key(job)] = Failure.of(job, why, logs)
            self.estimate.failed(job)
        said = of_all([self.failures[key(job)] for job in jobs])
        self._say(f"{len(jobs)} jobs failed, {said}" if len(jobs) > 1 else f"failed: {said}")

    def last_words(self) -> None:
        """Report the failures that no retry made good, each reason once.

        If there is one, and nothing was said after it, it is not repeated.
        """
        count, reasons = len(self.failures), summary(self.failures.values())
        if reasons and not self.said.endswith("\n    ".join(reasons)):
            head = f"{count} job{'s' if count > 1 else ''} failed:"
            self._say("\n    ".join([head, *reasons]))

    def look(self, running: Sequence, waiting: int) -> None:
        """Speak if it is time and there is news; `running`: `Pack`s and `Single`s."""
        if not running or time.monotonic() - self.spoke < self.seconds:
            return
        self.spoke = time.monotonic()
        jobs = max(self.expected, len(self.estimate.work))
        left = self.estimate.seconds_left(running)
        guess = f", about {duration(left)} left" if left else ""
        done = f"{self.done} of {jobs} jobs done, {waiting} waiting{guess}"
        said = "\n    ".join([done, *_under_way(running)])
        if said != self.said:  # nothing may move in a queue for a whole night
            self._say(said)


def _under_way(running: Sequence) -> list[str]:
    """One line for each process at work, and one for each reason why others are not."""
    at_work = [_where(process) for process in running if not process.state]
    waits: dict[str, list[str]] = {}
    for process in running:
        if process.state:
            waits.setdefault(process.state, []).append(_what(process))
    return [
        *at_work[:SHOWN],
        *([f"and {len(at_work) - SHOWN} more"] if len(at_work) > SHOWN else []),
        *(f"{state}: {_some(names)}" for state, names in waits.items()),
    ]


def _some(names: list[str]) -> str:
    """The first names, each once: `a, b (7 packs) and 3 more packs`."""
    counts = Counter(names)
    shown = [f"{name} ({n} packs)" if n > 1 else name for name, n in [*counts.items()][:NAMED]]
    others = sum([*counts.values()][NAMED:])
    more = f" and {others} more" if others else ""
    return ", ".join(shown) + more


def _what(process) -> str:
    return process.lead.resources.get("pack") or process.lead.name


def _where(process) -> str:
    seen, jobs = process.progress(), len(process.unsettled)
    parts = [_what(process)]
    parts += [f"epoch {seen['epoch']} of {seen['epochs']}"] if seen else []
    parts += [f"{jobs} jobs"] if jobs > 1 else []
    return ", ".join(parts)
