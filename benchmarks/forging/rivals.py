"""DVC, MLflow and plain Snakemake, each set up as its own documentation says."""

import sys
from importlib.metadata import version
from pathlib import Path

from forging.keeper import Answer
from forging.plain import MADE, Plain

GIT_HINT = '(there are other changes not tracked by dvc, use "git status" to see)'


class Rival(Plain):
    """A keeper in a Python environment of its own, the folder `home`."""

    package: str

    def __init__(self, root: Path, home: Path):
        super().__init__(root)
        self.home = home.resolve()

    def version(self) -> str:
        said = self.python(
            "-c", f"from importlib.metadata import version as v; print(v('{self.package}'))"
        )
        return said.lines[-1]

    def python(self, *arguments: str):
        return self.call(str(self.home / "bin/python"), *arguments)


class Dvc(Rival):
    name = package = "dvc"
    question = "dvc status; dvc data status"
    only = ("dvc.yaml",)

    @property
    def environment(self) -> dict[str, str]:
        own = {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(self.root.parent / "dvc-site")}
        return super().environment | own

    def dvc(self, *arguments: str):
        return self.call(str(self.home / "bin/dvc"), *arguments)

    def begin(self) -> None:
        self.dvc("init", "--quiet")

    def note(self) -> None:
        self.commit("dvc.lock")

    def make(self) -> None:
        self.dvc("repro")

    def ask(self) -> Answer:
        stages, data = self.dvc("status"), self.dvc("data", "status")
        words = _changes(stages.lines + data.lines)
        return Answer(words in ((), (GIT_HINT,)), words, stages.seconds + data.seconds)

    def again(self) -> Answer:
        """Make all again; deterministic stages give the digests of the committed dvc.lock."""
        made = self.dvc("repro", "--force")
        found = self.dvc("data", "status")
        words = _changes(found.lines)
        return Answer(words in ((), (GIT_HINT,)), words, made.seconds + found.seconds)

    def train_again(self) -> None:
        """Force the training, because a deleted run would just come back from the cache."""
        self.dvc("repro", "--force", "--single-item", "train@first-sgd-0.1-0")
        self.make()

    def seal(self, path: Path) -> None:
        self.dvc("commit", "--force", str(path.relative_to(self.root)))


def _changes(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines without 'all is well' and without advice on what to type."""
    quiet = ("Data and pipelines are up to date.", "No changes.")
    kept = (line.strip() for line in lines if line not in quiet)
    return tuple(line for line in kept if line == GIT_HINT or not line.startswith("("))


class Mlflow(Rival):
    name, package = "mlflow", "mlflow-skinny"
    question = "by hand: each logged artifact and parameter against the folder, git diff --stat"
    only = ("track.py",)
    ignored = ("mlflow.db", "mlruns/", *(f"{name}/" for name in MADE))

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}

    def make(self) -> None:
        self.python("track.py", "log")

    def ask(self) -> Answer:
        said = self.python("track.py", "compare")
        words = tuple(line.strip() for line in said.lines)
        return Answer(not words, words, said.seconds)

    def again(self) -> Answer:
        made = self.python("track.py", "make")
        found = self.ask()
        return Answer(found.yes, found.words, made.seconds + found.seconds)

    def redraw(self) -> None:
        self.call("python", "aggregate.py", "fig1")
        self.call("python", "plot.py", "fig1")
        self.python("track.py", "log", self.files["table"], self.files["picture"])

    def seal(self, path: Path) -> None:
        self.python("track.py", "log", str(path.relative_to(self.root)))


class Snakemake(Plain):
    name = "snakemake"
    question = "snakemake -n"
    only = ("Snakefile",)
    ignored = (".snakemake/", *(f"{name}/" for name in MADE))

    def version(self) -> str:
        return version("snakemake")

    def snakemake(self, *arguments: str):
        return self.call(sys.executable, "-m", "snakemake", *arguments)

    def make(self) -> None:
        self.snakemake("-c2")

    def ask(self) -> Answer:
        said = self.snakemake("-n")
        yes = any(line.startswith("Nothing to be done") for line in said.lines)
        reasons = (line.strip() for line in said.lines)
        starts = ("output:", "reason:", "Params have changed", "Set of input", "before:", "now:")
        words = tuple(line for line in reasons if line.startswith(starts))
        return Answer(yes, () if yes else words, said.seconds)

    def again(self) -> None:
        """No question: runs made again replace the files, and no record of the old ones is kept."""

    def seal(self, path: Path) -> None:
        """Nothing to do: it keeps no digest of what it made."""
