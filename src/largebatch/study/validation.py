"""Validate against closed JSON schemas; a fault becomes one sentence that names file and key."""

import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from largebatch.errors import UserError
from largebatch.study.layers import Key
from largebatch.study.sentences import explain, one_line, rank
from largebatch.study.yaml_files import read_yaml

if TYPE_CHECKING:
    import jsonschema

SCHEMAS = Path("workflow/schemas")


def validate(
    content: dict, schema: str, root: Path, where: Callable[[Key], str], part: str = ""
) -> None:
    """Refuse `content` if it breaks workflow/schemas/<schema>.schema.yaml, or a `part` of it.

    part: the name of one of its definitions. where: tells in which file a key is. Only one of
    several faults is reported (`rank`). Without jsonschema nothing is refused, with a warning.
    """
    if find_spec("jsonschema") is None:  # where only the packages for training are installed
        _say_unchecked(schema)
        return
    validator = _validator(SCHEMAS / f"{schema}.schema.yaml", root, part)
    faults = [explain(error, content) for error in validator.iter_errors(content)]
    if faults:
        key, sentence = min(faults, key=rank)
        raise UserError(one_line(f"{where(key)}: {sentence}."))


@cache
def _say_unchecked(schema: str) -> None:
    """Warn that nothing is checked, once per process and schema."""
    text = f"jsonschema is not installed, so the {schema} is not checked against its schema."
    print(f"largebatch: {text}", file=sys.stderr)


@cache
def _validator(file: Path, root: Path, part: str) -> "jsonschema.protocols.Validator":
    """A validator that refuses 32.0 as an integer and nan as a number, unlike JSON Schema."""
    import jsonschema  # here, so that training works where it is not installed

    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine("integer", _is_integer).redefine("number", _is_number)
    strict = jsonschema.validators.extend(base, type_checker=types)
    schema = read_yaml(file, root)
    return strict({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema)


def _is_integer(_, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker, value: object) -> bool:
    return _is_integer(checker, value) or (isinstance(value, float) and isfinite(value))
