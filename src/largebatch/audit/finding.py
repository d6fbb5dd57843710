"""A finding of an audit: one fact about one link of the chain."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LINKS = (
    "figure", "page", "table", "runs", "data", "code", "settings", "environment", "hardware", "git",
    "anchor", "rebuilt", "rerun",
)  # fmt: skip


class Verdict(StrEnum):
    """Verdicts in rising order of gravity; the value is the word that is printed."""

    UNCHECKED = "not checked"
    INTACT = "intact"
    NOTE = "note"  # worth knowing, but not bad: mixed hardware, a dirty tree, diverged runs
    STALE = "STALE"
    MISSING = "MISSING"
    CHANGED = "TAMPERED"

    @property
    def exit_code(self) -> int:
        """0 good, 1 stale, 2 tampered or missing."""
        return {Verdict.STALE: 1, Verdict.MISSING: 2, Verdict.CHANGED: 2}.get(self, 0)


class Question(StrEnum):
    """The three questions, each answered on its own."""

    INTACT = "intact"  # does every artefact match the digest recorded for it?
    CURRENT = "current"  # is the tree now the same as what made it?
    REPRODUCED = "reproduced"  # does making it again give the same result?


@dataclass(frozen=True)
class Finding:
    """One fact.

    link: the place in the chain, one of LINKS. what: the thing looked at. detail: what was seen.
    culprit: the file, key or module to blame. remake: names of the artefacts to make again. repair:
    a command that mends it otherwise. each: the facts that a note's `what` sums up.
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
    def is_bad(self) -> bool:
        return self.verdict.exit_code > 0

    @property
    def word(self) -> str:
        """The verdict as printed: "unchanged" rather than "intact" if the question is CURRENT."""
        unchanged = self.verdict is Verdict.INTACT and self.question is Question.CURRENT
        return "unchanged" if unchanged else self.verdict.value


def intact(link: str, what: str, detail: str = "") -> Finding:
    """The thing is as it was written."""
    return Finding(link, Question.INTACT, Verdict.INTACT, what, detail)


def unchanged(link: str, what: str, detail: str = "") -> Finding:
    """The thing was made from what is in the tree now."""
    return Finding(link, Question.CURRENT, Verdict.INTACT, what, detail)


def note(link: str, words: str, each: tuple[str, ...] = ()) -> Finding:
    """Something worth knowing that never makes the verdict bad."""
    return Finding(link, Question.INTACT, Verdict.NOTE, words, each=each)


def stale(
    link: str, what: str, detail: str, culprit: str, remake: Iterable[str] = (), repair: str = ""
) -> Finding:
    """The thing is whole, but was made from something other than what is there now."""
    found = (link, Question.CURRENT, Verdict.STALE, what, detail, culprit)
    return Finding(*found, tuple(remake), repair)


def tampered(link: str, name: str, detail: str, remake: Iterable[str] = ()) -> Finding:
    """A file (or other thing of this name) is not as it was written, or belongs elsewhere."""
    found = (link, Question.INTACT, Verdict.CHANGED, name, detail, name)
    return Finding(*found, tuple(remake))


def missing(
    link: str, name: str, detail: str, remake: Iterable[str] = (), repair: str = ""
) -> Finding:
    """A file is not there, or what it holds cannot be known."""
    found = (link, Question.INTACT, Verdict.MISSING, name, detail, name)
    return Finding(*found, tuple(remake), repair)


def unchecked(link: str, question: Question, what: str, detail: str) -> Finding:
    """The question was not asked, or there is nothing to compare with."""
    return Finding(link, question, Verdict.UNCHECKED, what, detail)
