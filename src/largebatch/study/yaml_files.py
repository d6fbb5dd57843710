"""Read YAML files strictly, and merge them, without looking at what they mean."""

import re
from pathlib import Path

import yaml

from largebatch.errors import UserError

MERGE = "tag:yaml.org,2002:merge"  # `<<: *anchor`
NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
# YAML 1.1 reads 1:30 in base 60, 010 in base 8, 0x10 in base 16, and 1_6 as 16.
NOT_PLAIN = re.compile(r".*[:_].*|[+-]?0([bx].*|\d+)")


class _Refused(yaml.constructor.ConstructorError):
    """YAML that does not mean what it seems to; `problem` says what to do."""


class _StrictLoader(yaml.SafeLoader):
    """Refuses what PyYAML accepts silently: a key given twice, a number that is not plain."""

    def construct_mapping(self, node, deep=False):
        own = [key for key, _ in node.value if key.tag != MERGE]
        keys = [self.construct_object(key, deep=True) for key in own]
        for i, key in enumerate(keys):
            if key in keys[:i]:
                mark = own[i].start_mark
                problem = f"the key '{key}' is given twice; remove one"
                raise _Refused(problem=problem, problem_mark=mark)
        return super().construct_mapping(node, deep)

    def construct_number(self, node):
        number = yaml.SafeLoader.yaml_constructors[node.tag](self, node)
        if NOT_PLAIN.fullmatch(node.value):
            advice = "write a decimal number, or put text in quotes"
            problem = f"YAML reads {node.value} as {number}; {advice}"
            raise _Refused(problem=problem, problem_mark=node.start_mark)
        return number


for tag in NUMBERS:
    _StrictLoader.add_constructor(tag, _StrictLoader.construct_number)


def read_yaml(file: Path, root: Path = Path(".")) -> dict:
    """The mapping in `root / file`; errors name the file relative to `root`."""
    try:
        content = yaml.load((root / file).read_text(encoding="utf-8"), Loader=_StrictLoader)
    except FileNotFoundError:
        raise UserError(
            f"{file}: there is no such file; run from the repository's root, or restore it."
        ) from None
    except OSError as error:
        raise UserError(f"{file}: it cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise UserError(f"{file}: it is not UTF-8 text; save it as UTF-8.") from None
    except yaml.YAMLError as error:
        raise UserError(f"{file}: {_yaml_fault(error)}.") from None
    except ValueError as error:  # a day 2020-02-31, a number of 5,000 digits
        raise UserError(f"{file}: it is not valid YAML ({error}); correct it.") from None
    except RecursionError:
        raise UserError(f"{file}: it is nested too deeply; use fewer levels.") from None
    if not isinstance(content, dict):
        raise UserError(f"{file}: it must hold `key: value` lines at the top level; correct it.")
    return content


def merge(base: dict, change: dict) -> dict:
    """`base` with `change` laid over it: mappings merge, null removes, everything else replaces.

    A mapping with another `kind` or `source` also replaces, since the keys of one kind mean nothing
    to another.
    """
    merged = dict(base)
    for key, value in change.items():
        old = base.get(key)
        if value is None and key in base:
            del merged[key]
        elif isinstance(value, dict) and isinstance(old, dict) and _same_kind(old, value):
            merged[key] = merge(old, value)
        else:
            merged[key] = value
    return merged


def _same_kind(base: dict, change: dict) -> bool:
    return all(change.get(tag) in (None, base.get(tag)) for tag in ("kind", "source"))


def _yaml_fault(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "it has a character that YAML does not allow; remove what is not text"
    place = f"line {mark.line + 1}, column {mark.column + 1}"
    if isinstance(error, _Refused):
        return f"{place}: {error.problem}"
    problem = str(error.problem)
    if "<block" in problem:  # the parser's word for lines of the same depth
        problem = "its indentation, or its dash, does not match the lines above"
    return f"{place}: not valid YAML ({problem}); correct it"
