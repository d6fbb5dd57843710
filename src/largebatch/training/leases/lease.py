"""A run has one writer at a time: who trains it holds a lease, a small file beside the result.

seed0.lease     {"token", "host", "pid", ...}: who holds it; touched every `BEAT` seconds

It needs of a shared file system only that `O_EXCL` and `rename` are atomic and that opening a file
shows its latest times (NFS, Lustre, GPFS and BeeGFS all do; `flock` is often switched off). Clocks
of two machines are never compared: a lease is stale when *we* saw it unchanged for `STALE` seconds,
or when its holder was a process of this machine that is gone. Then it is taken over. Of two that
take over at once the last one to write has it; both look again after `SETTLE` seconds.

A holder looks whether the lease is still its own before it writes anything, so a job that was
frozen, lost its lease and wakes up writes nothing more.
"""

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from largebatch.training.leases.holder import myself
from largebatch.training.leases.times import ORDINARY, Times
from largebatch.training.leases.watch import Watch, read_lease


class Leases:
    """Those that this process holds. As a context: kept fresh inside, given back at its end."""

    def __init__(self, times: Times = ORDINARY):
        self.times = times
        self.token = uuid.uuid4().hex
        self.held: set[Path] = set()
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._keep_fresh, daemon=True)

    def __enter__(self) -> "Leases":
        self._beat.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._beat.join()
        for path in list(self.held):
            self.release(path)

    def take(
        self, paths: Iterable[Path], stop: Callable[[], bool] = lambda: False
    ) -> dict[Path, str]:
        """Take these leases; returns those that cannot be had, with the reason.

        Waits at most `stale` seconds for others to show that they are alive, or until `stop()`:
        what is waited for then is not had either.
        """
        wanted = {path: Watch(path, self.times.stale) for path in paths}
        refused: dict[Path, str] = {}
        while wanted and not stop():
            stale: list[Path] = []
            for path, watch in list(wanted.items()):
                try:
                    if self._create(path):
                        self._have(path, wanted)
                    elif watch.is_stale():
                        self._put_ours(path)
                        stale.append(path)
                    elif watch.is_alive():
                        refused[path] = f"{watch.holder} is training this run"
                        del wanted[path]
                except OSError as reason:
                    refused[path] = f"its lease could not be written: {reason}"
                    del wanted[path]
            if stale:
                time.sleep(self.times.settle)  # once for all of a pack
            for path in stale:
                if read_lease(path).get("token") == self.token:
                    self._have(path, wanted)
            if wanted:
                self._over.wait(min(0.2, self.times.settle))
        return refused | dict.fromkeys(wanted, "told to stop while waiting for its lease")

    def holds(self, path: Path) -> bool:
        """Is it still ours? Asked before every write."""
        return path in self.held and read_lease(path).get("token") == self.token

    def release(self, path: Path) -> None:
        if self.holds(path):
            path.unlink(missing_ok=True)
        self.held.discard(path)

    def _create(self, path: Path) -> bool:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            return False
        try:
            os.write(file, self._content())
        except OSError:  # a full disk
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(file)
        return True

    def _have(self, path: Path, wanted: dict[Path, Watch]) -> None:
        self.held.add(path)
        del wanted[path]

    def _put_ours(self, path: Path) -> None:
        temporary = path.with_name(f".{path.name}.{self.token}.tmp")
        try:
            temporary.write_bytes(self._content())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _content(self) -> bytes:
        return json.dumps({"token": self.token, **myself()}).encode()

    def _keep_fresh(self) -> None:
        while not self._over.wait(self.times.beat):
            for path in list(self.held):
                if self.holds(path):
                    with contextlib.suppress(OSError):
                        os.utime(path)
