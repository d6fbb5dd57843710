"""What every keeper of results is asked for, and how its commands are called."""

import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

GIT = ("git", "-c", "user.name=keeper", "-c", "user.email=keeper@example.org")
SECONDS = 600  # a busy machine; a call takes ten


@dataclass(frozen=True)
class Answer:
    """What a keeper said to 'is it still true?'.

    yes: it says that all is as it should be. words: lines, what it said beyond that; a keeper
    that says yes with words has told something without changing its answer. seconds: of CPU.
    """

    yes: bool
    words: tuple[str, ...]
    seconds: float

    def __add__(self, other: "Answer") -> "Answer":
        yes, seconds = self.yes and other.yes, self.seconds + other.seconds
        return Answer(yes, self.words + other.words, seconds)


@dataclass(frozen=True)
class Edit:
    """One place of one source file; `named`: what tells a reader that this is meant."""

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

    files, by role: run, seed (the same run of the other seed), other (another run of the sweep),
    table, picture, picture2 (of the second figure), data, lock (of packages), settings.
    sources, by role: training, imported (by what the training script imports), forgotten (in a
    hand-written list of dependencies), style (of plots).
    innocent: a part of the names of all runs of the first sweep.
    """

    name: str
    question: str
    files: ClassVar[dict[str, str]]
    sources: ClassVar[dict[str, Edit]]
    innocent: str

    def __init__(self, root: Path):
        self.root = root

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def build(self) -> None:
        """Make the sweep in `root` and commit what its users commit."""

    @abstractmethod
    def make(self) -> None:
        """Make what the keeper thinks is not up to date."""

    def train_again(self) -> None:
        """One run, and what follows from it."""
        self.at("run").unlink()
        self.make()

    @abstractmethod
    def ask(self) -> Answer:
        """Its own question, of everything."""

    @abstractmethod
    def again(self) -> Answer | None:
        """The question that makes all runs once more; None: nothing to compare them with."""

    @abstractmethod
    def note(self) -> None:
        """Write down the results as they are, where git sees it, and commit that."""

    def redraw(self) -> None:
        """Tables and pictures of the runs as they are."""
        self.make()

    @abstractmethod
    def change_number(self, path: Path) -> None:
        """One number of a run or table a little less, the file written as is proper."""

    @abstractmethod
    def change_byte(self, path: Path) -> None:
        """One byte of a run or of the dataset, in place."""

    @abstractmethod
    def forge(self, path: Path, source: Path | None = None) -> None:
        """Put another number, or those of `source`, into a run, and make its own digest fit."""

    @abstractmethod
    def seal(self, path: Path) -> None:
        """Make the keeper's digest of a picture that was changed fit."""

    @abstractmethod
    def forge_data(self) -> None:
        """Other bytes in the dataset, its digest made to fit; what follows is not made again."""

    @abstractmethod
    def edit_settings(self, change: Callable[[dict], object]) -> None:
        """Change the dictionary with `seeds`, `figures`, and under `epochs_of` each sweep's."""

    def at(self, role: str) -> Path:
        return self.root / self.files[role]

    def named(self, role: str) -> str:
        """What names the culprit of that role; a word that is none stands for itself."""
        if role in self.sources:
            return self.sources[role].named
        return self.files.get(role, role)

    def call(self, *command: str, code: int | None = 0) -> Said:
        """Its lines and CPU seconds; a RuntimeError unless it ends with `code` (None: any)."""
        output = self.root.parent / f"{self.name}.said"
        with output.open("w") as file:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
            ended, usage = _wait(process)
        lines = tuple(line.rstrip() for line in output.read_text().splitlines() if line.strip())
        if code is not None and ended != code:
            raise RuntimeError(f"{self.name}: {' '.join(command)} ended with {ended}: {lines}")
        return Said(ended, lines, usage.ru_utime + usage.ru_stime)

    @property
    def environment(self) -> dict[str, str]:
        """The pipeline's Python first, one thread, and the packages `later`, if there are any."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        packages = os.pathsep.join((*self.packages(), str(self.later)))
        return os.environ | {"PATH": path, "PYTHONPATH": packages, "OMP_NUM_THREADS": "1"}

    @property
    def later(self) -> Path:
        """A folder of packages that hide installed ones."""
        return self.root.with_name("later")

    def packages(self) -> tuple[str, ...]:
        """Folders of packages before all others."""
        return ()

    def commit(self, *files: str) -> None:
        self.call("git", "add", *files)
        self.call(*GIT, "commit", "--quiet", "--allow-empty", "--message", "as it is")


def _wait(process: subprocess.Popen) -> tuple[int, object]:
    """Exit code and what it and its children used (`Popen.wait` does not tell)."""
    deadline = time.monotonic() + SECONDS
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.01)
