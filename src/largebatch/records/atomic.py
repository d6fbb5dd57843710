"""Write files and folders that are whole or absent: a temporary one beside them, then a rename.

Whoever reads a file first, to write it with a change, is alone in this (`only_one`).
"""

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from itertools import count
from pathlib import Path

NUMBERS = count(1)  # threads of one process may write the same path at the same time
STALE_SECONDS = 3600.0  # no write of this package takes an hour, so older leftovers are abandoned


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; at the end it replaces `path`, or is removed on error.

    Leftovers of writers that were killed are removed first.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    with _named(path):
        _remove_leftovers(path)
        try:
            yield temporary
            with open(temporary, "rb") as written:
                os.fsync(written.fileno())  # else a power cut can leave an empty file of that name
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """The same for a folder: yield a path beside `folder`, where the caller makes the new one.

    No rename replaces a folder that is not empty, so the older one is renamed first. If the process
    is killed between the two renames, no folder has the name; the next call then restores the older
    one before it does anything else. Not for two writers of one folder at the same time.
    """
    folder = Path(folder)
    older = folder.with_name(f".{folder.name}.older")
    temporary = _beside(folder)
    with _named(folder):
        _restore(folder, older)
        _remove_leftovers(folder)
        try:
            yield temporary
            if folder.exists():
                os.replace(folder, older)
            os.replace(temporary, folder)
        finally:
            _restore(folder, older)
            _remove(temporary)


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until no other process is inside this for the same `path`, which need not exist."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _named(path):
        lock = path.with_name(f".{path.name}.lock").open("w")
    with lock:
        with suppress(OSError):  # where the file system has no locks, nobody waits
            fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file closes, or the process dies
        yield


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system name `path`, since no user knows the hidden files beside it.

    Without a name it is one of writing; pyarrow has the name in its words.
    """
    hidden = str(path.with_name(f".{path.name}."))
    try:
        yield
    except OSError as error:
        files = [str(file) for file in (error.filename, error.filename2) if file]
        if error.errno is None or (files and not any(file.startswith(hidden) for file in files)):
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def _restore(folder: Path, older: Path) -> None:
    """Rename `older` back if nothing has replaced it; else remove it."""
    if older.exists() and not folder.exists():
        os.replace(older, folder)
    _remove(older)


def _beside(path: Path) -> Path:
    """A temporary name that no other writer of `path` has, on any host."""
    writer = f"{socket.gethostname()}.{os.getpid()}-{next(NUMBERS)}"
    return path.with_name(f".{path.name}.{writer}.tmp")


def _remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    for leftover in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        writer = leftover.name.removeprefix(f".{path.name}.").removesuffix(".tmp")
        host, _, process = writer.rpartition(".")
        pid = process.partition("-")[0]
        if pid.isdecimal() and _is_abandoned(leftover, host, int(pid)):
            _remove(leftover)


def _is_abandoned(leftover: Path, host: str, pid: int) -> bool:
    if host == socket.gethostname():
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
