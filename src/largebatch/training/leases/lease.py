"""A run has one writer at a time: its trainer holds a lease, a small file beside the result.

seed0.lease     {"token", "host", "pid", ...}: who holds it; touched every `beat` seconds

A shared file system need only make `O_EXCL` and `rename` atomic and show a file's latest times when
it is opened (NFS, Lustre, GPFS and BeeGFS all do; `flock` is often switched off). Clocks of two
machines are never compared: a lease is stale when *we* have seen it unchanged for `stale` seconds,
or when its holder was a process of this machine that is gone. A stale lease is taken over. If two
processes take it over at once, the last to write has it; both look again after `settle` seconds.

A holder checks that the lease is still its own before it writes anything, so a job that was frozen
and lost its lease writes nothing more when it wakes up.
"""

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path

from largebatch.training.leases.holder import myself
from largebatch.training.leases.times import ORDINARY, Times
from largebatch.training.leases.watch import Watch, read_lease


class Leases:
    """The leases that this process holds; as a context manager, keeps them fresh, then releases."""

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
        """Take these leases; returns those that cannot be taken, each with the reason.

        Waits for other holders to show that they are alive, at most `stale` seconds or until
        `stop()` is true; leases still waited for then are returned, too. Everybody takes leases in
        one order, and none while an earlier one is waited for, so of two processes that start the
        same pack at once one gets all of it.
        """
        wanted = {path: Watch(path, self.times.stale) for path in sorted(paths)}
        refused: dict[Path, str] = {}
        while wanted and not stop():
            if seized := self._take_in_turn(wanted, refused):
                time.sleep(self.times.settle)  # once for the whole pack
                self._keep(seized, wanted)
            if wanted:
                self._over.wait(min(0.2, self.times.settle))
        return refused | dict.fromkeys(wanted, "told to stop while waiting for its lease")

    def _take_in_turn(self, wanted: dict[Path, Watch], refused: dict[Path, str]) -> list[Path]:
        """Look at each lease once; returns the stale ones that we have overwritten."""
        seized: list[Path] = []
        our_turn = True
        for path, watch in list(wanted.items()):
            try:
                if our_turn and not seized and self._create(path):
                    self._have(path, wanted)
                elif watch.is_stale() and our_turn:
                    self._put_ours(path)
                    seized.append(path)
                elif watch.is_alive():
                    refused[path] = f"{watch.holder} is training this run"
                    del wanted[path]
                else:
                    our_turn = False
            except OSError as reason:
                refused[path] = f"its lease could not be written: {reason}"
                del wanted[path]
        return seized

    def _keep(self, seized: list[Path], wanted: dict[Path, Watch]) -> None:
        """Keep what we have overwritten, up to the first that another process has overwritten, too.

        That process has the earlier lease, so the later ones are left to it.
        """
        kept = list(takewhile(self._is_ours, seized))
        for path in kept:
            self._have(path, wanted)
        for path in seized[len(kept) :]:
            self.release(path)

    def holds(self, path: Path) -> bool:
        """Whether the lease is still ours; asked before every write."""
        return path in self.held and self._is_ours(path)

    def release(self, path: Path) -> None:
        """Remove the lease if it is still ours; where that fails, it goes stale."""
        with contextlib.suppress(OSError):
            if self._is_ours(path):
                path.unlink(missing_ok=True)
        self.held.discard(path)

    def _create(self, path: Path) -> bool:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = path.open("xb")
        except FileExistsError:
            return False
        try:
            with file:
                file.write(self._content())
        except OSError:  # a full disk, of which NFS tells when a file is closed
            path.unlink(missing_ok=True)
            raise
        return True

    def _is_ours(self, path: Path) -> bool:
        return read_lease(path).get("token") == self.token

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
