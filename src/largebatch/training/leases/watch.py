"""Another process's lease, seen from outside: who holds it, and whether the holder is alive."""

import json
import os
import time
from pathlib import Path

from largebatch.training.leases.holder import is_gone, words
from largebatch.training.leases.times import ORDINARY


class Watch:
    """What we see of another process's lease, by our own clock; a new holder is watched afresh."""

    def __init__(self, path: Path, stale: float):
        self.path, self.stale = path, stale
        self.token: str | None = None
        self.first: int | None = None
        self.last: int | None = None
        self.since = time.monotonic()
        self.holder = ""

    def is_stale(self) -> bool:
        """Look again: unchanged for `stale` seconds, or its holder known to have ended?"""
        owner, stamp = read_lease(self.path), _stamp(self.path)
        self.holder = words(owner)
        if stamp != self.last:
            if self.last is None or owner.get("token") != self.token:  # a first or a new holder
                self.token, self.first = owner.get("token"), stamp
            self.last, self.since = stamp, time.monotonic()
        return is_gone(owner) or time.monotonic() - self.since >= self.stale

    def is_alive(self) -> bool:
        """Whether its holder touched it while we watched."""
        return self.last is not None and self.first != self.last


def is_held(path: Path) -> bool:
    """Whether somebody seems to be training this run, for callers that have no time to watch.

    This compares the clocks of two machines, with a wide margin.
    """
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return age < 2 * ORDINARY.stale and not is_gone(read_lease(path))


def read_lease(path: Path) -> dict:
    """Who holds it; empty if it does not exist or is not written yet."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}


def _stamp(path: Path) -> int | None:
    try:
        with path.open("rb") as file:  # opening makes a network file system look again
            return os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return None
