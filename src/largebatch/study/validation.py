"""Closed JSON schemas, and what breaks them said in one sentence that names file and key."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import jsonschema
import yaml

from largebatch.errors import UserError

SCHEMAS = Path("workflow/schemas")


def validate(content: dict, schema: str, root: Path, blame: Callable[[tuple], Path]) -> None:
    """Refuse `content` if it breaks workflow/schemas/<schema>.schema.yaml.

    `blame` maps the path of a key to the file that holds it.
    """
    validator = _validator(root / SCHEMAS / f"{schema}.schema.yaml")
    errors = [_innermost(error) for error in validator.iter_errors(content)]
    if errors:
        error = min(errors, key=lambda e: (-len(e.absolute_path), str(list(e.absolute_path))))
        where = tuple(error.absolute_path)
        raise UserError(f"{blame(where)}: {_key(where)}{_sentence(error)}.")


@cache
def _validator(path: Path) -> jsonschema.protocols.Validator:
    return jsonschema.Draft202012Validator(yaml.safe_load(path.read_text(encoding="utf-8")))


def _innermost(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Of the branches of a oneOf, the one that comes closest: it has the deepest or fewest faults."""
    while error.context:
        branches: dict = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        wrong_kind = {k for k, v in branches.items() if any(e.validator == "const" for e in v)}
        left = {k: v for k, v in branches.items() if k not in wrong_kind}
        if not left:
            return _unknown_kind(error)
        error = min(min(left.values(), key=len), key=lambda e: -len(e.absolute_path))
    return error


def _unknown_kind(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    kinds = [inner for inner in error.context if inner.validator == "const"]
    found = kinds[0]
    found.validator = "enum"
    found.validator_value = sorted({str(kind.validator_value) for kind in kinds})
    return found


def _key(where: tuple) -> str:
    return ".".join(str(part) for part in where) + ": " if where else ""


def _sentence(error: jsonschema.ValidationError) -> str:
    wanted, found = error.validator_value, error.instance
    match error.validator:
        case "additionalProperties":
            known = sorted(error.schema.get("properties", {}))
            unknown = sorted(map(str, set(found) - set(known)))
            return f"unknown key '{unknown[0]}'; the known keys are {', '.join(known)}"
        case "required":
            missing = next(key for key in wanted if key not in found)
            return f"the key '{missing}' is missing; add it"
        case "type":
            return f"{_shown(found)} is not of type {_listed(wanted)}; correct it"
        case "enum" | "const":
            return f"{_shown(found)} is unknown; use {_listed(wanted)}"
        case "minItems" | "minProperties":
            return "it is empty; give at least one value"
        case "uniqueItems":
            return f"{_twice(found)} stands twice; remove one"
        case "exclusiveMinimum":
            return f"{_shown(found)} must be greater than {wanted}"
        case "exclusiveMaximum":
            return f"{_shown(found)} must be less than {wanted}"
        case "minimum":
            return f"{_shown(found)} must be at least {wanted}"
        case "maximum":
            return f"{_shown(found)} must be at most {wanted}"
        case _:
            return f"{error.message}; correct it"


def _shown(value: object) -> str:
    if isinstance(value, str) and _is_number(value):
        return f"the text '{value}' (YAML wants a dot in it: 1.0e-3)"
    return f"'{value}'"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _listed(values: object) -> str:
    return " or ".join(map(str, values)) if isinstance(values, list) else str(values)


def _twice(values: list) -> object:
    return next(value for i, value in enumerate(values) if value in values[:i])
