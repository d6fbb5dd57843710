"""The kinds of values that settings and facts of a record have; no step writes other ones.

Asked before anyone reckons with them: only a record that was written by hand has a batch of 0, and
none may end an audit.
"""

import json
from collections.abc import Callable, Iterator
from sys import float_info

ABSENT = object()
Fits = Callable[[object], bool]


def _whole(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _count(value: object) -> bool:
    return _whole(value, 1)


def _number(value: object) -> bool:
    """JSON has whole numbers that no float holds."""
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return fits and abs(value) <= float_info.max


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _named_texts(value: object) -> bool:
    return isinstance(value, dict) and _texts([*value.values()])


SETTINGS: dict[str, dict[str, Fits]] = {  # kind of record: {key: what its value is}
    "run": {
        "task.dataset": _text,
        "task.epochs": _count,
        "task.last_batch": _text,
        "task.model.kind": _text,
        "batch": _count,
        "optimizer": _text,
        "effective_lr": _number,
        "momentum": _number,
        "seed": _whole,
    },
    "data": {"source": _text},
}
OPTIONAL: dict[str, dict[str, Fits]] = {
    "run": {"task.model.unroll": _count},
    "data": {"train": _text, "valid": _text, "test": _text},
}
FACTS: dict[str, Fits] = {  # of any record, where it has them
    "device": _text,
    "diverged_epoch": _count,
    "execution": _named_texts,
    "pack_mates": _texts,
    "peak_memory_mb": _number,
    "runs.planned": _whole,
    "runs.present": _whole,
    "shows": _named_texts,
    "verdicts": _named_texts,
}


def other_kinds(record: dict) -> Iterator[str]:
    """Half a sentence for each value of another kind, or one that is missing."""
    kind, settings = record["kind"], record["settings"]
    asked = [(settings, "settings", key, fits) for key, fits in SETTINGS.get(kind, {}).items()]
    there = [(settings, "settings", key, fits) for key, fits in OPTIONAL.get(kind, {}).items()]
    there += [(record["facts"], "facts", key, fits) for key, fits in FACTS.items()]
    asked += [each for each in there if _at(each[0], each[2]) is not ABSENT]
    for values, field, key, fits in asked:
        value = _at(values, key)
        if not fits(value):
            said = "missing" if value is ABSENT else json.dumps(value)[:40]
            yield f"{field}.{key} in its record is {said}, as in none that this package writes"


def _at(values: dict, key: str) -> object:
    """What stands there; ABSENT if nothing does, None if what it should stand in is no mapping."""
    found: object = values
    for part in key.split("."):
        if not isinstance(found, dict):
            return None
        if part not in found:
            return ABSENT
        found = found[part]
    return found
