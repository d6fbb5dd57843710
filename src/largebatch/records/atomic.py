"""Write files that are whole or absent: a temporary file in the same folder, then a rename."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STALE_SECONDS = 3600.0  # no write of this package takes an hour, so older leftovers are abandoned


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; at the end it replaces `path`, or is removed on error.

    Leftovers of writers that were killed are removed first.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.tmp")
    try:
        yield temporary
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())  # else a power cut can leave an empty file of the new name
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _remove_leftovers(path: Path) -> None:
    for leftover in path.parent.glob(f".{path.name}.*.tmp"):
        host, _, pid = (
            leftover.name.removeprefix(f".{path.name}.").removesuffix(".tmp").rpartition(".")
        )
        if pid.isdecimal() and _is_abandoned(leftover, host, int(pid)):
            leftover.unlink(missing_ok=True)


def _is_abandoned(leftover: Path, host: str, pid: int) -> bool:
    if host == socket.gethostname() and pid != os.getpid():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    try:
        return time.time() - leftover.stat().st_mtime > STALE_SECONDS
    except FileNotFoundError:
        return False
