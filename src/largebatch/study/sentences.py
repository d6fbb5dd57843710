"""Explain schema errors to people who edit YAML: the key, what is wrong, what to do."""

from collections.abc import Sequence
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING

from largebatch.study.run import decimal

if TYPE_CHECKING:  # training has to work where jsonschema is not installed
    from jsonschema import ValidationError

TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping of keys",
    "array": "a list",
    "null": "null",
}

MISSING = "this key is missing"
SWITCHES = {True: "on", False: "off"}  # words that YAML 1.1 reads as booleans
NAMES = (
    "a name has only lower-case letters, digits, '.', '_' and '-', and begins with a letter or "
    "digit; rename it"
)
NO_TEXT = "YAML does not read this name as text; put it in quotes, or rename it"
CHANGED = ("tasks", "sweeps", "figures")  # what a study that extends another often changes in part
ALIKE = 0.8  # of difflib: about one letter in five may differ


def rank(fault: tuple[tuple, str]) -> tuple:
    """Sort key of faults, of which the first is reported.

    Names that are no text, or they would be taken for positions in a list; then the deepest fault;
    misspelt before missing.
    """
    key, sentence = fault
    return sentence != NO_TEXT, -len(key), sentence.startswith(MISSING), str(key)


def one_line(sentence: str) -> str:
    """Put a sentence on one line: texts that it quotes may have several."""
    return " ".join(sentence.split())


def explain(error: "ValidationError", whole: dict) -> tuple[tuple, str]:
    """(key, sentence) of one schema error; the sentence is without file, key and full stop.

    whole: everything that was validated.
    """
    key, wanted, found = tuple(error.absolute_path), error.validator_value, error.instance
    if "propertyNames" in error.absolute_schema_path:
        return (*key, str(found)), NAMES if isinstance(found, str) else NO_TEXT
    match error.validator:
        case "oneOf":
            return _explain_one_of(error, whole)
        case "additionalProperties":
            return _unknown_key(key, error)
        case "required":
            missing = [name for name in wanted if name not in found]
            meant = _misspelt(key, whole) if len(missing) > 1 else ""
            return (*key, missing[0]), f"{MISSING}; add it{meant}"
        case "type":
            return key, _wrong_type(wanted, found, error.schema.get("unit"))
        case "enum":
            word = SWITCHES.get(found) if isinstance(found, bool) else None
            if word in wanted:
                return key, f"YAML reads {word} as {_shown(found)}; write '{word}' in quotes"
            return key, f"{_shown(found)} is unknown; use {_either(wanted)}"
        case "pattern":  # used for names only
            return key, NAMES
        case "minLength":
            return key, "it is empty; write some text"
        case "minItems":
            return key, "it is empty; give it at least one value"
        case "maxItems":  # used for the metrics of a figure only
            return key, f"a figure has room for {wanted} of them; make another for the rest"
        case "uniqueItems":
            return key, f"{_shown(_twice(found))} is listed twice; remove one"
        case "exclusiveMinimum":
            return key, f"it must be greater than {wanted}, not {found}"
        case "exclusiveMaximum":
            return key, f"it must be less than {wanted}, not {found}"
        case "minimum":
            return key, f"it must be at least {wanted}, not {found}"
        case "maximum":
            return key, f"it must be at most {wanted}, not {found}"
    raise NotImplementedError(f"no sentence for the schema keyword {error.validator}")


def _misspelt(key: tuple, whole: dict) -> str:
    """The name that was meant, if a task, sweep or figure has nearly that of another.

    Then it is rather a part of the other, whose name a study that extends this one misspelt.
    """
    if len(key) != 2 or key[0] not in CHANGED:
        return ""
    name, others = str(key[1]), [other for other in whole[key[0]] if other != key[1]]
    near = get_close_matches(name, map(str, others), n=1, cutoff=ALIKE)
    return f", or write '{near[0]}' if you meant that" if near else ""


def _explain_one_of(error: "ValidationError", whole: dict) -> tuple[tuple, str]:
    """Explain the error of the branch that the user meant; each branch is a mapping of one kind.

    A `const` (of the key `kind` or `source`) names the kind, so the branch whose `const` has no
    fault is the one that was meant.
    """
    key = tuple(error.absolute_path)
    branches: dict[object, list[ValidationError]] = {}
    for fault in error.context:
        branches.setdefault(fault.schema_path[0], []).append(fault)
    meant = [faults for faults in branches.values() if all(f.validator != "const" for f in faults)]
    if len(meant) == 1:
        blamed, sentence = min((explain(fault, whole) for fault in meant[0]), key=rank)
        consts = [fault for fault in error.context if fault.validator == "const"]
        words = [f.validator_value for f in consts if tuple(f.absolute_path) == key]  # auto
        return blamed, "; or write ".join([sentence, *words])
    if not isinstance(error.instance, dict):
        return key, _wrong_type("object", error.instance)
    if not meant:
        consts = [fault for fault in error.context if fault.validator == "const"]
        known = _either(sorted(fault.validator_value for fault in consts))
        key, found = tuple(consts[0].absolute_path), consts[0].instance
        return key, f"{_shown(found)} is unknown; use {known}"
    rules = [faults[0].schema["properties"] for faults in meant]
    tag = next(name for name, rule in rules[0].items() if "const" in rule)
    known = _either(sorted(rule[tag]["const"] for rule in rules))
    return (*key, tag), f"{MISSING}; set it to {known}"


def _unknown_key(key: tuple, error: "ValidationError") -> tuple[tuple, str]:
    known = sorted(error.schema["properties"])
    unknown = sorted(str(name) for name in error.instance if name not in known)[0]
    return (*key, unknown), f"unknown key; {choice(unknown, known, 'use')}"


def choice(name: str, known: Sequence[str], use: str = "use one of") -> str:
    """The advice to write one of the known names, first that which is nearly `name`."""
    near = get_close_matches(name, known, n=1)
    hint = f"write '{near[0]}', or another of" if near else use
    return f"{hint} {', '.join(known)}"


def _wrong_type(wanted: str | list[str], found: object, unit: str | None = None) -> str:
    types = [wanted] if isinstance(wanted, str) else wanted
    names = _either([TYPES[name] for name in types]) + (f" of {unit}" if unit else "")
    if found is None:
        return f"it has no value and inherits none; give it {names}, or remove the line"
    number = _number_in(found)
    if number is not None and ("number" in types or ("integer" in types and number.is_integer())):
        return f"'{found}' is read as text, not as a number; write {decimal(number)}"
    return f"give it {names}, not {_shown(found)}"


def _number_in(value: object) -> float | None:
    """The number that a text spells, if any; YAML 1.1 reads 5e-4 as text."""
    try:
        number = float(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return number if number is not None and isfinite(number) else None


def _shown(value: object) -> str:
    match value:
        case dict():
            return "a mapping of keys"
        case list():
            return "a list"
        case str():
            return f"'{value}'"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _either(names: list) -> str:
    *others, last = map(str, names)
    return f"{', '.join(others)} or {last}" if others else last


def _twice(values: list) -> object:
    return next(value for i, value in enumerate(values) if value in values[:i])
