"""Study files on disk: read, extended and merged, before anyone asks what they mean."""

from pathlib import Path

import yaml

from largebatch.errors import UserError


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice; PyYAML keeps the last one and says nothing."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key '{twice.pop()}' stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict:
    """The mapping in `path`; a missing, unreadable or other file is one sentence."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; create it or name another.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML: {_in_one_line(error)}.") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: a mapping of keys is expected at the top level.")
    return content


def read_extended(path: Path, seen: tuple[Path, ...] = ()) -> list[tuple[Path, dict]]:
    """The file and those it `extends`, the root first."""
    content = read_yaml(path)
    parent = content.pop("extends", None)
    if parent is None:
        return [(path, content)]
    if path in seen:
        raise UserError(f"{path}: extends: the studies extend each other in a circle.")
    if not isinstance(parent, str):
        raise UserError(f"{path}: extends: must be the name of a study beside this file.")
    return [*read_extended(path.with_name(f"{parent}.yaml"), (*seen, path)), (path, content)]


def merge(base: dict, change: dict) -> dict:
    """`base` with `change` laid over it: mappings merge, null removes, all else replaces."""
    merged = dict(base)
    for key, value in change.items():
        if value is None and key in base:
            del merged[key]
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = merge(base[key], value)
        else:
            merged[key] = value
    return merged


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
