"""What kind of value is it? Each function says whether a value from a record is of one kind."""

from sys import float_info
from typing import TypeGuard

from largebatch.records.committed import ID


def is_whole(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_count(value: object) -> bool:
    return is_whole(value, 1)


def is_number(value: object) -> bool:
    """A number that fits into a float, as not all whole numbers of JSON do."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= float_info.max


def is_text(value: object) -> bool:
    return isinstance(value, str)


def are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def is_mapping(value: object) -> bool:
    return isinstance(value, dict)


def are_named_texts(value: object) -> bool:
    return isinstance(value, dict) and are_texts([*value.values()])


def is_flat(value: object) -> TypeGuard[dict]:
    """A mapping to texts, numbers and booleans."""
    return isinstance(value, dict) and all(isinstance(v, str | int | float) for v in value.values())


def has_parts(value: object, **kinds: type) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), kinds[k]) for k in kinds)


def are_inputs(value: object) -> bool:
    return isinstance(value, list) and all(has_parts(each, name=str, table=str) for each in value)


def is_code(value: object) -> bool:
    return has_parts(value, step=str, digest=str, modules=dict)


def is_git(value: object) -> bool:
    """A commit must be named by its id: `HEAD` would be true of any."""
    if not (is_flat(value) and has_parts({"patch": ""} | value, commit=str, dirty=bool, patch=str)):
        return False
    return ID.fullmatch(value["commit"]) is not None


def is_hardware(value: object) -> bool:
    return is_flat(value) and has_parts({"cpu": "", "gpu": ""} | value, cpu=str, gpu=str)
