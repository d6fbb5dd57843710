"""The interface of a keeper of results, and how its commands are called."""

import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

GIT = ("git", "-c", "user.name=keeper", "-c", "user.email=keeper@example.org")
SECONDS = 600  # a busy machine; a call takes ten


@dataclass(frozen=True)
class Answer:
    """A keeper's answer to 'is it still true?'.

    yes: it says that all is as it should be. words: lines that it said beyond that; a keeper that
    says yes with words has told something without changing its answer. seconds: CPU seconds.
    """

    yes: bool
    words: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Edit:
    """An edit at one place of one source file; `named`: words that identify it in an answer."""

    file: str
    old: str
    new: str
    named: str


@dataclass(frozen=True)
class Said:
    code: int
    lines: tuple[str, ...]
    seconds: float


class Keeper(ABC):
    """One way to keep a sweep; `root` is the folder that holds it, always the same one.

    files, by role: run, seed (the same run with the other seed), other (another run of the sweep),
    table, picture, picture2 (of the second figure), data, lock (of packages), settings.
    sources, by role: training, imported (by what the training script imports), forgotten (missing
    in a hand-written list of dependencies), style (of plots).
    innocent: a part of the names of all runs of the first sweep.
    """

    name: str
    question: str
    files: ClassVar[dict[str, str]]
    sources: ClassVar[dict[str, Edit]]
    innocent: str

    def __init__(self, root: Path):
        self.root = root
        self._running: subprocess.Popen | None = None
        self._stopped = False

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def build(self) -> None:
        """Make the sweep in `root` and commit what its users commit."""

    @abstractmethod
    def make(self) -> None:
        """Make whatever the keeper thinks is out of date."""

    def train_again(self) -> None:
        """Train one run again, and make what depends on it."""
        self.at("run").unlink()
        self.make()

    @abstractmethod
    def ask(self) -> Answer:
        """Ask the keeper's own question about everything."""

    @abstractmethod
    def again(self) -> Answer | None:
        """Ask by making all runs again; None if there is nothing to compare them with."""

    @abstractmethod
    def note(self) -> None:
        """Write down the results as they are, where git sees them, and commit that."""

    def redraw(self) -> None:
        """Make tables and pictures from the runs as they are."""
        self.make()

    @abstractmethod
    def change_number(self, path: Path) -> None:
        """Change one number of a run or table a little, and write the file properly."""

    @abstractmethod
    def change_byte(self, path: Path) -> None:
        """Change one byte of a run or of the dataset in place."""

    @abstractmethod
    def forge(self, path: Path, source: Path | None = None) -> None:
        """Put another number, or those of `source`, into a run, and make its digest match."""

    @abstractmethod
    def seal(self, path: Path) -> None:
        """Make the keeper's digest match a picture that was changed."""

    @abstractmethod
    def forge_data(self) -> None:
        """Change bytes of the dataset and make its digest match, but remake nothing from it."""

    @abstractmethod
    def edit_settings(self, change: Callable[[dict], object]) -> None:
        """Apply `change` to a dictionary with `seeds`, `figures`, and `epochs_of` each sweep."""

    def at(self, role: str) -> Path:
        return self.root / self.files[role]

    def named(self, role: str) -> str:
        """The words that name the culprit of a role; anything but a role stands for itself."""
        if role in self.sources:
            return self.sources[role].named
        return self.files.get(role, role)

    def call(self, *command: str, code: int | None = 0) -> Said:
        """Run a command. Raises RuntimeError unless it ends in time, with `code` (None: any)."""
        if self._stopped:
            raise RuntimeError(f"{self.name}: stopped")
        output = self.root.parent / f"{self.name}.said"
        with output.open("w") as file:
            self._running = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # so that its children can be ended with it
            )
            ended, usage = _wait(self._running)
        lines = tuple(line.rstrip() for line in output.read_text().splitlines() if line.strip())
        if code is not None and ended != code:
            raise RuntimeError(f"{self.name}: {' '.join(command)} ended with {ended}: {lines}")
        return Said(ended, lines, usage.ru_utime + usage.ru_stime)

    def stop(self) -> None:
        """End the command that is running in another thread; further calls raise RuntimeError."""
        self._stopped = True
        if self._running and self._running.returncode is None:
            _end(self._running)

    @property
    def environment(self) -> dict[str, str]:
        """The pipeline's Python first, one thread, and the packages in `later`, if any."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        packages = os.pathsep.join((*self.packages(), str(self.later)))
        return os.environ | {"PATH": path, "PYTHONPATH": packages, "OMP_NUM_THREADS": "1"}

    @property
    def later(self) -> Path:
        """A folder of packages that hide the installed ones."""
        return self.root.with_name("later")

    def packages(self) -> tuple[str, ...]:
        """Folders of packages that come before all others."""
        return ()

    def commit(self, *files: str) -> None:
        self.call("git", "add", *files)
        self.call(*GIT, "commit", "--quiet", "--allow-empty", "--message", "as it is")


def _wait(process: subprocess.Popen) -> tuple[int, object]:
    """Exit code, and resources used by it and its children (which `Popen.wait` does not tell).

    Raises RuntimeError after SECONDS, once it and its children have been ended.
    """
    deadline = time.monotonic() + SECONDS
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.monotonic() > deadline:
            _end(process)
            process.wait()
            raise RuntimeError(f"{' '.join(process.args)}: ended, as it took over {SECONDS} s")
        time.sleep(0.01)


def _end(leader: subprocess.Popen) -> None:
    """Kill a process that leads a session, and its children."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
