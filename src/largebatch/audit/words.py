"""Counts and lists in sentences."""

from collections.abc import Sequence

NAMED = 3  # how many of a longer list are named in one line


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 run, 2 runs."""
    return f"{number} {noun}{'s' * (number != 1)}"


def made(artefacts: int) -> str:
    """The start of a sentence: 1 artefact was made, 2 artefacts were made."""
    return f"{counted(artefacts, 'artefact')} {'was' if artefacts == 1 else 'were'} made"


def summed_up(names: Sequence[str]) -> str:
    """A list in one line: all names if they are few, else the first and how many others."""
    shown = names if len(names) <= NAMED + 1 else names[:NAMED]
    rest = f" and {len(names) - NAMED} others" if len(shown) < len(names) else ""
    return ", ".join(shown) + rest
