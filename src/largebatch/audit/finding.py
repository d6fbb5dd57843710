"""What an audit finds: one fact about one link of the chain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

LINKS = (
    "figure", "page", "table", "runs", "data", "code", "settings", "environment", "hardware", "git",
    "anchor", "rebuilt", "rerun",
)  # fmt: skip
NAMED = 3  # so many of a longer list are named in one line


class Verdict(StrEnum):
    """In rising order of gravity; the value is the word that is printed."""

    UNCHECKED = "not checked"
    INTACT = "intact"
    NOTE = "note"  # mixed hardware, a dirty tree, diverged runs: worth knowing, no verdict
    STALE = "STALE"
    MISSING = "MISSING"
    CHANGED = "TAMPERED"

    @property
    def exit_code(self) -> int:
        """0 good, 1 stale, 2 tampered or missing."""
        return {Verdict.STALE: 1, Verdict.MISSING: 2, Verdict.CHANGED: 2}.get(self, 0)


class Question(StrEnum):
    """The three questions, answered apart from each other."""

    INTACT = "intact"  # does every artefact match the digest recorded for it?
    CURRENT = "current"  # is what made it what stands in the tree now?
    REPRODUCED = "reproduced"  # does making it again give the same?


@dataclass(frozen=True)
class Finding:
    """One fact.

    `link` is the place in the chain, one of LINKS; `what` was looked at, `detail` was seen;
    `culprit` is the file, key or module to blame; `remake` are the artefacts that must be made
    again (names), `repair` is a command of another kind; `each` are the facts that a note's `what`
    sums up.
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
        """The verdict as printed: what is current is called unchanged, not intact."""
        unchanged = self.verdict is Verdict.INTACT and self.question is Question.CURRENT
        return "unchanged" if unchanged else self.verdict.value


def intact(link: str, what: str, detail: str = "") -> Finding:
    """It is what was written."""
    return Finding(link, Question.INTACT, Verdict.INTACT, what, detail)


def unchanged(link: str, what: str, detail: str = "") -> Finding:
    """It was made from what stands in the tree now."""
    return Finding(link, Question.CURRENT, Verdict.INTACT, what, detail)


def note(link: str, words: str, each: tuple[str, ...] = ()) -> Finding:
    """Worth knowing; never changes the verdict."""
    return Finding(link, Question.INTACT, Verdict.NOTE, words, each=each)


def stale(
    link: str, what: str, detail: str, culprit: str, remake: Iterable[str] = (), repair: str = ""
) -> Finding:
    """Whole, but made from something else than what is there now."""
    found = (link, Question.CURRENT, Verdict.STALE, what, detail, culprit)
    return Finding(*found, tuple(remake), repair)


def tampered(link: str, name: str, detail: str, remake: Iterable[str] = ()) -> Finding:
    """A file (or what else has this name) is not what was written, or not its own."""
    found = (link, Question.INTACT, Verdict.CHANGED, name, detail, name)
    return Finding(*found, tuple(remake))


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
