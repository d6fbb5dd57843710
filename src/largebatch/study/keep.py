"""`keep`: of the study that another extends, only some figures and what they need."""

from collections.abc import Iterable, Iterator

from largebatch.study.yaml_files import merge


def dropped(base: dict, own: dict, kept: Iterable[str]) -> dict:
    """The change that takes all else out of `base`, as nulls; `own` is laid over it afterwards.

    Of each part, what `own` mentions stays, and what the parts before it need: the sweeps of the
    figures, the tasks of the sweeps (and those that they are `like`), the data sets of the tasks.
    """
    gone = {"figures": dict.fromkeys(part(base, "figures").keys() - set(kept))}
    merged = merge(merge(base, gone), own)
    needed = _values(merged, "figures", part(merged, "figures"), "sweeps")
    for name, key in (("sweeps", "task"), ("tasks", "dataset"), ("datasets", None)):
        stays = _with_likes(merged, name, {*needed, *part(own, name)})
        gone[name] = dict.fromkeys(part(base, name).keys() - stays)
        needed = _values(merged, name, stays, key)
    return gone


def part(content: dict, name: str) -> dict:
    """A part of a study; empty if it is missing or no mapping, which the schema refuses later."""
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _values(content: dict, kind: str, names: Iterable[str], key: str | None) -> Iterator[str]:
    """The names that some entries of the part `kind` have under `key`, alone or in a list."""
    for name in names:
        entry = part(content, kind).get(name)
        value = entry.get(key) if isinstance(entry, dict) else None
        values = value if isinstance(value, list) else [value]
        yield from (value for value in values if isinstance(value, str))


def _with_likes(content: dict, kind: str, names: set[str]) -> set[str]:
    """Add the entries that these are `like`, and so on."""
    while more := set(_values(content, kind, names, "like")) - names:
        names = names | more
    return names
