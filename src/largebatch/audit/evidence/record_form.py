"""The form of a record: its fields, and what kind of value each setting and fact is.

It is checked before the values are used. Only a record that was written by hand lacks a field or
has a batch of 0, and even such a record must not crash an audit.
"""

import json
from collections.abc import Callable, Iterator

from largebatch.audit.evidence.values import (
    are_inputs,
    are_named_texts,
    are_texts,
    is_code,
    is_count,
    is_git,
    is_hardware,
    is_mapping,
    is_number,
    is_text,
    is_whole,
)

ABSENT = object()
Fits = Callable[[object], bool]
FIELDS: dict[str, Fits] = {
    "kind": is_text,
    "name": is_text,
    "inputs": are_inputs,
    "code": is_code,
    "settings": is_mapping,
    "started": is_text,
    "finished": is_text,
    "status": is_text,
    "facts": is_mapping,
}
OPTIONAL_FIELDS: dict[str, Fits] = {
    "git": is_git,
    "hardware": is_hardware,
    "packages": are_named_texts,
}
SETTINGS: dict[str, dict[str, Fits]] = {  # kind of record: {key: what its value is}
    "run": {
        "task.dataset": is_text,
        "task.epochs": is_count,
        "task.last_batch": is_text,
        "task.model.kind": is_text,
        "batch": is_count,
        "optimizer": is_text,
        "effective_lr": is_number,
        "momentum": is_number,
        "seed": is_whole,
    },
    "data": {"source": is_text},
}
OPTIONAL_SETTINGS: dict[str, dict[str, Fits]] = {
    "run": {"task.model.unroll": is_count},
    "data": {"train": is_text, "valid": is_text, "test": is_text},
}
FACTS: dict[str, Fits] = {  # of any record, all optional
    "device": is_text,
    "diverged_epoch": is_count,
    "execution": are_named_texts,
    "pack_mates": are_texts,
    "peak_memory_mb": is_number,
    "runs.planned": is_whole,
    "runs.present": is_whole,
    "shows": are_named_texts,
    "verdicts": are_named_texts,
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
