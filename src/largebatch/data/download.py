"""Downloads by torchvision into a separate folder, from which only whole files move to `raw`.

After an interrupted download, whole files in that folder are kept (torchvision checks their MD5)
and partial ones are fetched again.
"""

import contextlib
import http.client
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records import only_one

TIMEOUT = 60  # seconds without an answer; a cluster's firewall drops packets silently


def download(
    raw: Path,
    source: str,
    missing: Callable[[], list[str]],
    fetch: Callable[[Path], None],
    progress: bool = True,
) -> None:
    """Call `fetch(folder)` and move what it fetched into `raw`, unless nothing is `missing`.

    One process at a time downloads a source; the others wait and then find the files.
    Raises UserError, and leaves only whole files in `raw`.
    """
    if not missing():
        return
    try:
        with only_one(raw / source), _timeout(TIMEOUT), _quiet(not progress):
            if missing():  # still, now that the lock is ours
                partial = raw / f".{source}.partial"
                partial.mkdir(exist_ok=True)
                fetch(partial)
                _move_files(partial, raw)
    except (OSError, RuntimeError, EOFError, http.client.HTTPException) as error:
        raise UserError(
            f"cannot download {source} ({', '.join(missing())} not in {raw}): {_reason(error)}; "
            f"start again when network and disk allow, or put the files into {raw} (docs/data.md)."
        ) from error


@contextlib.contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """Set a timeout for sockets, since torchvision opens URLs without one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _quiet(silent: bool) -> Iterator[None]:
    """Discard stderr if `silent`: torchvision's progress bar draws there and has no switch."""
    if not silent:
        yield
        return
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def _move_files(partial: Path, raw: Path) -> None:
    for path in sorted(path for path in partial.rglob("*") if path.is_file()):
        target = raw / path.relative_to(partial)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    shutil.rmtree(partial)


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text.replace("File not found or corrupted", "the transfer is incomplete or altered")
