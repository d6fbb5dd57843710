"""A copy of this project with a tiny study, and what Snakemake plans and does in it."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from forked import Started

PROJECT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config", "envs", "profiles", "src", "workflow")
SECONDS = 900  # for a busy machine; usually a call takes ten, on a cluster a hundred


class Checkout:
    """`root` holds the sources; results appear below it."""

    def __init__(self, root: Path):
        self.root = root
        self.study_file = root / "config/studies/tiny.yaml"

    @classmethod
    def create(cls, root: Path) -> "Checkout":
        root.mkdir()
        for part in PARTS:
            source = PROJECT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, root / part)
        shutil.copy2(Path(__file__).with_name("tiny.yaml"), root / "config/studies/tiny.yaml")
        config = root / "config/config.yaml"
        config.write_text(config.read_text().replace("study: demo", "study: tiny"))
        return cls(root)

    def copy(self, root: Path) -> "Checkout":
        """A copy with results, their modification times and what Snakemake knows about them."""
        shutil.copytree(self.root, root, symlinks=True)
        return Checkout(root)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(self.root / "src"), "OMP_NUM_THREADS": "1"}

    def start(self, program: str, *arguments: str, **how: bool) -> Started:
        return Started(program, arguments, self.root, self.environment, **how)

    def call(self, program: str, *arguments: str, code: int | None = 0, **how: bool) -> str:
        """Output and errors; fails unless the exit code is `code` (None: any)."""
        started = self.start(program, *arguments, **how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(SECONDS)
        started.kill()
        said = started.communicate()
        assert code is None or started.returncode == code, said
        return said

    def snakemake(self, *arguments: str, code: int | None = 0) -> str:
        """Its jobs are forked, too (`forked.served`), and not started as users' jobs are."""
        return self.call("snakemake", "-c2", *arguments, code=code, warm=True)

    def largebatch(self, *arguments: str, code: int | None = 0) -> str:
        return self.call("largebatch", *arguments, code=code)

    def planned(self, *arguments: str) -> set[str]:
        """The files that `snakemake -np` says it would make."""
        said = self.snakemake("-np", *arguments)
        lines = re.findall(r"^    output: (.*)$", said, re.MULTILINE)
        return {path for line in lines for path in line.split(", ")}

    def files(self) -> dict[str, tuple[str, int]]:
        """Digest and modification time of every result, but not of logs, checkpoints and leases."""
        results = (self.root / "results").rglob("*")
        paths = [
            p for p in results if p.is_file() and p.suffix not in (".log", ".checkpoint", ".lease")
        ]
        return {
            str(path.relative_to(self.root)): (
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_mtime_ns,
            )
            for path in paths
        }

    def changed_by(self, action: Callable[[], object]) -> set[str]:
        """Files that are new or differ, in a byte or in time, after the action."""
        before = self.files()
        action()
        after = self.files()
        assert set(before) <= set(after), "a result is gone"
        return {path for path in after if after[path] != before.get(path)}

    def makes(self, *arguments: str) -> set[str]:
        """The files that a call makes; fails unless its dry run named exactly these."""
        planned = self.planned(*arguments)
        changed = self.changed_by(lambda: self.snakemake(*arguments))
        assert changed == planned
        return changed

    def edit_study(self, edit: Callable[[dict], object]) -> None:
        content = yaml.safe_load(self.study_file.read_text())
        edit(content)
        self.study_file.write_text(yaml.safe_dump(content, sort_keys=False))

    def append(self, file: str, text: str) -> None:
        with (self.root / file).open("a") as source:
            source.write(text)

    def processes(self) -> list[int]:
        """Process ids of every process that works in this folder."""
        return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _works_in(p, self.root)]


def made_once(factory, name: str, make: Callable[[Path], object]) -> Checkout:
    """The checkout that `make` makes in an empty place, once for all processes of the tests.

    factory: pytest's `tmp_path_factory`. No test may change the checkout; take a copy for that.
    """
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    root, made = place / name / "checkout", place / name / "made"
    root.parent.mkdir(exist_ok=True)
    with (root.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(root, ignore_errors=True)  # left by a process that failed
            make(root)
            made.touch()
    return Checkout(root)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return Path(os.readlink(process / "cwd")) == folder and "Z" not in _state(process)
    except OSError:
        return False


def _state(process: Path) -> str:
    return (process / "stat").read_text().rpartition(")")[2].split()[0]


def wait_for(condition: Callable[[], object], seconds: float = 180) -> None:
    """Return soon after the condition holds; fail if it never does. To ask costs time, too."""
    begun = time.monotonic()
    while not condition():
        waited = time.monotonic() - begun
        assert waited < seconds, "it did not happen in time"
        time.sleep(min(0.01 + waited / 20, 0.5))


def runs(task: str = "*", optimizer: str = "*", lr: str = "*", seed: str = "*") -> str:
    """A pattern of the run files, for `fnmatch`."""
    return f"results/tiny/runs/{task}/b64/{optimizer}/lr{lr}/seed{seed}.parquet"
