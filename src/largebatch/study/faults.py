"""Faults, as the checks of a study return them."""

from collections.abc import Iterable

from largebatch.study.layers import Key


class Fault:
    """A sentence, and the keys whose values are at fault."""

    def __init__(self, sentence: str, *keys: Key):
        self.sentence, self.keys = sentence, keys


def absent(what: str, name: str, user: str, known: Iterable[str]) -> str:
    """The sentence for a name that the study does not have (or that a diff has removed)."""
    names = listed(known)
    advice = f"use one of {names}" if names else "it has none, so add one"
    return f"{user} needs the {what} '{name}', which the study does not have; {advice}"


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
