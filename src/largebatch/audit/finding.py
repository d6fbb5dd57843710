"""What an audit finds: one fact about one link of the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

NAMED = 3  # so many of a longer list are named in one line


class Verdict(StrEnum):
    """In rising order of gravity; the value is the word that is printed."""

    UNCHECKED = "not checked"
    INTACT = "intact"
    NOTE = "note"
    STALE = "STALE"
    MISSING = "MISSING"
    CHANGED = "TAMPERED"


class Question(StrEnum):
    """The three questions, answered apart from each other."""

    INTACT = "intact"  # does every artefact match the digest recorded for it?
    CURRENT = "current"  # is what made it what stands in the tree now?
    REPRODUCED = "reproduced"  # does making it again give the same?


EXIT_CODES = {
    Verdict.UNCHECKED: 0,
    Verdict.INTACT: 0,
    Verdict.NOTE: 0,  # mixed hardware, a dirty tree, diverged runs: worth knowing, no verdict
    Verdict.STALE: 1,
    Verdict.MISSING: 2,
    Verdict.CHANGED: 2,
}
HEADLINES = {Verdict.CHANGED: "TAMPERED", Verdict.MISSING: "MISSING", Verdict.STALE: "STALE"}


@dataclass(frozen=True)
class Finding:
    """One fact.

    `link` is the place in the chain (figure, table, runs, data, code, settings, environment,
    hardware, git, anchor, rebuilt, rerun); `what` was looked at, `detail` was seen; `culprit` is
    the file, key or module to blame; `remake` are the artefacts that must be made again (names),
    `repair` is a command of another kind; `each` are the facts that a note's `what` sums up.
    """

    link: str
    question: Question
    verdict: Verdict
    what: str
    detail: str = ""
    culprit: str = ""
    remake: tuple[str, ...] = ()
    repair: str = ""
    each: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The verdict as printed: what is current is called unchanged, not intact."""
        unchanged = self.verdict is Verdict.INTACT and self.question is Question.CURRENT
        return "unchanged" if unchanged else self.verdict.value


def tampered(link: str, name: str, detail: str) -> Finding:
    """A run, table or dataset that is not its own, and has to be made again."""
    return Finding(link, Question.INTACT, Verdict.CHANGED, name, detail, name, (name,))


def counted(number: int, noun: str) -> str:
    """1 run, 2 runs."""
    return f"{number} {noun}{'s' * (number != 1)}"


def made(artefacts: int) -> str:
    """1 artefact was made, 2 artefacts were made."""
    return f"{counted(artefacts, 'artefact')} {'was' if artefacts == 1 else 'were'} made"


def summed_up(names: Sequence[str]) -> str:
    """Few in full; of many the first, and how many others there are."""
    shown = names if len(names) <= NAMED + 1 else names[:NAMED]
    rest = f" and {len(names) - NAMED} others" if len(shown) < len(names) else ""
    return ", ".join(shown) + rest
