"""Installed versions that are not the lock's: one note, however many packages differ."""

import re
from collections import Counter
from functools import cache

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict, made, summed_up
from largebatch.records.context import locked_versions

FIRST = ("torch", "numpy", "triton")  # what most changes a number


def package_findings(chain: Chain) -> list[Finding]:
    """A note that sums up which packages were other ones; none if all are the lock's."""
    pins = {_normal(name): version for name, version in locked_versions(chain.root).items()}
    found = [_others(record.get("packages", {}), pins) for record in chain.all_records]
    counts = Counter(other for others in found for other in others)
    ordered = sorted(counts, key=_rank)
    each = tuple(f"{made(counts[o])} with {_sentence(*o)}" for o in ordered)
    if len(each) < 2:
        return [_note(words) for words in each]
    concerned = sum(bool(others) for others in found)
    return [_note(f"{made(concerned)} with {_summed_up(ordered)}", each)]


def _note(words: str, each: tuple[str, ...] = ()) -> Finding:
    return Finding("environment", Question.INTACT, Verdict.NOTE, words, each=each)


def _others(packages: dict[str, str], pins: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, version, the lock's version) of each package that is another one."""
    found = [(name, version, pins.get(_normal(name))) for name, version in packages.items()]
    return [(n, v, pin) for n, v, pin in found if pin and _public(v) != _public(pin)]


def _public(version: str) -> str:
    """2.15.0+cpu is 2.15.0."""
    return version.partition("+")[0]


@cache
def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _rank(found: tuple[str, str, str]) -> tuple:
    name = _normal(found[0])
    return (FIRST.index(name) if name in FIRST else len(FIRST), *found)


def _sentence(name: str, version: str, pin: str) -> str:
    return f"{name} {version} where the lock says {pin}"


def _summed_up(ordered: list[tuple[str, str, str]]) -> str:
    """The first packages with their versions, and how many others there are."""
    versions: dict[tuple[str, str], list[str]] = {}
    for name, version, pin in ordered:
        versions.setdefault((name, pin), []).append(version)
    words = [f"{name} {', '.join(v)} (lock {pin})" for (name, pin), v in versions.items()]
    return f"{len(words)} packages that differ from the lock: {summed_up(words)}"
