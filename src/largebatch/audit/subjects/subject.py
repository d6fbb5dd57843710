"""What can be audited: a table, the files that show it, and what both should be made from."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PICTURES = ("pdf", "svg", "png")


class Kind(NamedTuple):
    """A kind of subject.

    link: what its files are called. steps: the steps (of `code_digest`) that make the table and
    the files that show it.
    """

    link: str
    endings: tuple[str, ...]
    steps: tuple[str, str]


KINDS = {
    "figure": Kind("figure", PICTURES, ("table", "figure")),
    "claims": Kind("page", ("md",), ("claims", "claims")),
    "twin": Kind("figure", PICTURES, ("twins", "twins")),
    "theory": Kind("figure", PICTURES, ("theory", "theory")),
    "measured": Kind("figure", PICTURES, ("measure", "measured")),
    "map": Kind("figure", PICTURES, ("maps", "maps")),
    "report": Kind("page", ("html",), ("report", "report")),
    "run": Kind("runs", ("parquet",), ("train", "train")),
    "data": Kind("data", ("safetensors",), ("data", "data")),
}
ENDINGS = {f".{ending}" for kind in KINDS.values() for ending in kind.endings}


@dataclass(frozen=True)
class Subject:
    """One output of the workflow.

    `stem` plus an ending is the name of each file that shows the table `table`; `<stem>.json` is
    their sidecar. The report has no table of its own (None) and shows its `inputs`. A run or a
    dataset is one file, which shows nothing. `kind` is one of KINDS; `of` says which of that kind:
    the figure's name (for twin, measured), the map's, or else its own. `target` is what to ask
    Snakemake for. `settings`, `inputs` (runs and tables by name) and `runs` (all that `target`
    needs) are called only when they are needed.
    """

    name: str
    title: str
    kind: str
    of: str
    stem: str
    table: str | None
    target: str
    settings: Callable[[], dict]
    settings_file: str
    inputs: Callable[[], Iterable[str]] = tuple
    runs: Callable[[], Iterable[str]] = tuple

    @property
    def link(self) -> str:
        """What its files are called."""
        return KINDS[self.kind].link

    @property
    def steps(self) -> tuple[str, str]:
        """The step that makes its table, and the one that makes what shows it."""
        return KINDS[self.kind].steps

    @property
    def shows(self) -> bool:
        """Whether it has a sidecar and files that show something; false for runs and datasets."""
        return self.kind not in ("run", "data")

    @property
    def key(self) -> str:
        """Its name among all studies: <study>/<name>, or theory/<name>."""
        return f"{self.stem.split('/')[1]}/{self.name}"

    @property
    def shown(self) -> str:
        """The first of its files: asking Snakemake for it makes all of them."""
        return f"{self.stem}.{KINDS[self.kind].endings[0]}"

    @property
    def files(self) -> list[str]:
        """Names of all files that show the table, without their folder."""
        return [f"{Path(self.stem).name}.{ending}" for ending in KINDS[self.kind].endings]

    def is_there(self, root: Path) -> bool:
        """Whether any file of it exists below `root`."""
        beside = (root / self.stem).parent
        named = [beside / name for name in self.files]
        named += [root / name for name in (f"{self.stem}.json", self.table) if name]
        return any(map(os.path.lexists, named))


def is_run(name: str) -> bool:
    """Whether an input of this name is a run."""
    return "/runs/" in name


def is_data(name: str) -> bool:
    """Whether an input of this name is a dataset."""
    return name.startswith("results/data/")
