"""A study file and the files that it extends, merged; and which of them holds a key."""

from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.sentences import one_line
from largebatch.study.yaml_files import merge

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Layers:
    """(file, content) pairs, from the file that extends no other to the study's own."""

    files: tuple[tuple[Path, dict], ...]

    @cached_property
    def written(self) -> dict:
        """The files merged, each over the one that it extends."""
        return reduce(merge, (content for _, content in self.files), {})

    def content(self) -> dict:
        """The merged files with every `like` replaced by the other task's settings."""
        tasks = self.written.get("tasks")
        if not isinstance(tasks, dict):
            return self.written
        return {**self.written, "tasks": {name: self._task(name) for name in tasks}}

    def where(self, *keys: Key) -> str:
        """`file: key`, the start of a sentence; of several keys, the one in the topmost file.

        A missing key is located in the file that removes it, or else in the file with the longest
        part of it; a setting that a task takes from another (`like`) is located in that task.
        """
        places = [
            (self._held(content, key) - len(key), file, key)
            for file, content in reversed(self.files)
            for key in map(self._origin, keys)
        ]
        _, file, key = max(places, key=lambda place: place[0])
        return spot(file, key)

    def _held(self, content: dict, key: Key) -> int:
        """How many leading parts of `key` a file holds and no other file has replaced."""
        depth = _depth(content, key)
        removed = depth == len(key) and _value(content, key) is None
        return depth if removed else min(depth, _depth(self.written, key))

    def _task(self, name: str | int, waiting: tuple[str | int, ...] = ()) -> dict:
        tasks = self.written["tasks"]
        task = tasks[name]
        if not isinstance(task, dict) or "like" not in task:
            return task
        other, like = task["like"], ("tasks", name, "like")
        named = (key for key in tasks if isinstance(key, str))
        known = sorted(key for key in named if isinstance(tasks[key], dict))
        if other not in known:
            place = self.where(like, ("tasks", str(other)))
            names = ", ".join(task for task in known if task != name)
            advice = f"use one of {names}" if names else "remove the line"
            fault = f"there is no task '{other}'" if isinstance(other, str) else "it is no task"
            raise UserError(one_line(f"{place}: {fault}; {advice}."))
        if name in waiting:
            circle = " -> ".join(map(str, (*waiting, name)))
            raise UserError(f"{self.where(like)}: it is in a circle ({circle}); remove one `like`.")
        own = {key: value for key, value in task.items() if key != "like"}
        return merge(self._task(other, (*waiting, name)), own)

    def _origin(self, key: Key) -> Key:
        """The key of the same setting in the other task, if this task takes it from there."""
        own = _depth(self.written, key)
        if key[:1] != ("tasks",) or not 2 <= own < len(key):
            return key
        task = self.written["tasks"][key[1]]
        if not isinstance(task, dict) or "like" not in task:
            return key
        there = self._origin(("tasks", task["like"], *key[2:]))
        kept = _depth({"tasks": {key[1]: self._task(key[1])}}, key)  # the part that remains of it
        return there if own == 2 or min(_depth(self.written, there), kept) > own else key


def spot(file: Path | str, key: Key) -> str:
    """`file: a.b.c`; positions in lists are left out, since sentences quote the value itself."""
    names = [part for part in key if isinstance(part, str)]
    return f"{file}: {'.'.join(names)}" if names else str(file)


def _value(content: dict, key: Key) -> object:
    return reduce(lambda inner, part: inner[part], key, content)


def _depth(content: object, key: Key) -> int:
    """How many leading parts of `key` exist in `content`."""
    if not key:
        return 0
    if isinstance(content, list) and isinstance(key[0], int):
        return 1 + _depth(content[key[0]], key[1:]) if key[0] < len(content) else 0
    if not isinstance(content, dict) or key[0] not in content:
        return 0
    return 1 + _depth(content[key[0]], key[1:])
