"""Where artefacts were made: under which lock, with which installed versions, on which machines."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, intact, note, stale, unchanged
from largebatch.audit.words import counted, made, summed_up
from largebatch.records.context import LOCK, locked_versions

FIRST = ("torch", "numpy", "triton")  # listed first: the likeliest to change a number
GPU = {"driver": "driver", "cuda": "CUDA", "cudnn": "cuDNN"}  # key in a record: its name in text


def lock_findings(chain: Chain) -> list[Finding]:
    """The lock under which each artefact was made against the one in the tree."""
    records, file = chain.all_records, str(LOCK)
    others = [record for record in records if record.get("lock") != chain.present.lock]
    if not others:
        return [unchanged("environment", file, _torch(records))]
    detail = f"{len(others)} of {len(records)} artefacts were made under another lock"
    return [stale("environment", file, detail, file, map(chain.file_of, others))]


def _torch(records: list[dict]) -> str:
    versions = {r["packages"]["torch"] for r in records if "torch" in r.get("packages", {})}
    return "torch " + ", ".join(sorted(versions)) if versions else ""


def package_findings(chain: Chain) -> list[Finding]:
    """A note on installed packages whose versions were not the lock's; none if all were."""
    pins = {_normal(name): version for name, version in locked_versions(chain.root).items()}
    found = [_others(record.get("packages", {}), pins) for record in chain.all_records]
    counts = Counter(other for others in found for other in others)
    ordered = sorted(counts, key=_rank)
    each = tuple(f"{made(counts[o])} with {_sentence(*o)}" for o in ordered)
    if len(each) < 2:
        return [note("environment", words) for words in each]
    concerned = sum(bool(others) for others in found)
    return [note("environment", f"{made(concerned)} with {_summed_up(ordered)}", each)]


def _others(packages: dict[str, str], pins: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, version, the lock's version) of each package whose version is another one."""
    found = [(name, version, pins.get(_normal(name))) for name, version in packages.items()]
    return [(n, v, pin) for n, v, pin in found if pin and _public(v) != _public(pin)]


def _public(version: str) -> str:
    """The version without its local part: 2.15.0+cpu is 2.15.0."""
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
    """How many packages differ from the lock, and the first of them with their versions."""
    versions: dict[tuple[str, str], list[str]] = {}
    for name, version, pin in ordered:
        versions.setdefault((name, pin), []).append(version)
    words = [f"{name} {', '.join(v)} (lock {pin})" for (name, pin), v in versions.items()]
    return f"{len(words)} packages that differ from the lock: {summed_up(words)}"


def hardware_findings(chain: Chain) -> Iterator[Finding]:
    """The kinds of machine that the runs come from; a note if there are several."""
    kinds = Counter(_machine(run.record.get("hardware", {})) for run in chain.runs.values())
    for kind, count in kinds.most_common():
        yield intact("hardware", counted(count, "run"), kind)
    if len(kinds) > 1:
        yield note("hardware", f"runs come from {len(kinds)} kinds of machine")


def _machine(hardware: dict) -> str:
    if "gpu" not in hardware:
        return hardware.get("cpu", "unknown")
    versions = [f"{word} {hardware[key]}" for key, word in GPU.items() if key in hardware]
    return ", ".join([hardware["gpu"], *versions])
