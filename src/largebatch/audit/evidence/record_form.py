"""The form of a record: its fields, and what kind of value each setting and fact is.

It is checked before the values are used. Only a record that was written by hand lacks a field or
has a batch of 0, and even such a record must not crash an audit.
"""

import json
from collections.abc import Callable, Iterator
from sys import float_info
from typing import TypeGuard

from largebatch.records.committed import ID

ABSENT = object()
Fits = Callable[[object], bool]


def _whole(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _count(value: object) -> bool:
    return _whole(value, 1)


def _number(value: object) -> bool:
    """A number that fits into a float, as not all whole numbers of JSON do."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= float_info.max


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _mapping(value: object) -> bool:
    return isinstance(value, dict)


def _named_texts(value: object) -> bool:
    return isinstance(value, dict) and _texts([*value.values()])


def _flat(value: object) -> TypeGuard[dict]:
    """A mapping to texts, numbers and booleans."""
    return isinstance(value, dict) and all(isinstance(v, str | int | float) for v in value.values())


def _parts(value: object, **kinds: type) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), kinds[k]) for k in kinds)


def _inputs(value: object) -> bool:
    return isinstance(value, list) and all(_parts(each, name=str, table=str) for each in value)


def _code(value: object) -> bool:
    return _parts(value, step=str, digest=str, modules=dict)


def _git(value: object) -> bool:
    """A commit must be named by its id: `HEAD` would be true of any."""
    if not (_flat(value) and _parts({"patch": ""} | value, commit=str, dirty=bool, patch=str)):
        return False
    return ID.fullmatch(value["commit"]) is not None


def _hardware(value: object) -> bool:
    return _flat(value) and _parts({"cpu": "", "gpu": ""} | value, cpu=str, gpu=str)


FIELDS: dict[str, Fits] = {
    "kind": _text,
    "name": _text,
    "inputs": _inputs,
    "code": _code,
    "settings": _mapping,
    "started": _text,
    "finished": _text,
    "status": _text,
    "facts": _mapping,
}
OPTIONAL_FIELDS: dict[str, Fits] = {"git": _git, "hardware": _hardware, "packages": _named_texts}
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
OPTIONAL_SETTINGS: dict[str, dict[str, Fits]] = {
    "run": {"task.model.unroll": _count},
    "data": {"train": _text, "valid": _text, "test": _text},
}
FACTS: dict[str, Fits] = {  # of any record, all optional
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


def other_fields(record: object) -> Iterator[str]:
    """Half a sentence that names the fields that are missing or of another form."""
    found = record if isinstance(record, dict) else {}
    lacking = [key for key, fits in FIELDS.items() if not fits(found.get(key))]
    lacking += [k for k, fits in OPTIONAL_FIELDS.items() if k in found and not fits(found[k])]
    if lacking:
        fields = ", ".join(lacking)
        yield f"its record was not written by this package; missing or malformed: {fields}"


def other_values(record: dict) -> Iterator[str]:
    """Half a sentence for each setting or fact that is missing or of another kind."""
    kind, settings, facts = record["kind"], record["settings"], record["facts"]
    yield from _others(settings, "settings", SETTINGS.get(kind, {}))
    yield from _others(settings, "settings", OPTIONAL_SETTINGS.get(kind, {}), may_lack=True)
    yield from _others(facts, "facts", FACTS, may_lack=True)


def _others(values: dict, field: str, kinds: dict[str, Fits], may_lack=False) -> Iterator[str]:
    for key, fits in kinds.items():
        value = _at(values, key)
        if not fits(value) and not (may_lack and value is ABSENT):
            said = "missing" if value is ABSENT else json.dumps(value)[:40]
            yield f"{field}.{key} in its record is {said}, which this package never writes"


def _at(values: dict, key: str) -> object:
    """The value at `key`; ABSENT if there is none, None if what should hold it is no mapping."""
    found: object = values
    for part in key.split("."):
        if not isinstance(found, dict):
            return None
        if part not in found:
            return ABSENT
        found = found[part]
    return found
