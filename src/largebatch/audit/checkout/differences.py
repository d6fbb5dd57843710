"""Differences between two values of settings in words: `key: old -> new`."""

from collections.abc import Iterator
from itertools import takewhile

from largebatch.records import canonical_json

ABSENT = object()


def differences(then: object, now: object, path: str = "") -> Iterator[str]:
    """Yield one text for each key that differs; `path` is the key of both values."""
    texts = _text(then), _text(now)
    if texts[0] == texts[1]:  # asked of the whole first: nearly always nothing differs
        return
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then.keys() | now.keys():
            at = f"{path}.{key}" if path else key
            yield from differences(then.get(key, ABSENT), now.get(key, ABSENT), at)
    elif isinstance(then, list) and isinstance(now, list) and _are_mappings(then, now):
        for place, (one, other) in enumerate(zip(then, now, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    else:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
        yield f"{path or 'all'}: {' -> '.join(_short(text, same) for text in texts)}"


def _are_mappings(then: list, now: list) -> bool:
    return len(then) == len(now) and all(isinstance(each, dict) for each in (*then, *now))


def _text(value: object) -> str:
    return "nothing" if value is ABSENT else canonical_json(value)


def _short(text: str, same: int) -> str:
    """A text of some 30 characters at most; of a longer one the part around the difference."""
    if len(text) <= 30:
        return text
    start = max(0, same - 7, text.rfind(",", 0, same))
    end = start + 27
    return ("..." if start else "") + text[start:end] + ("..." if end < len(text) else "")
