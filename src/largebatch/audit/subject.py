"""What an audit can be of: a table, the files that show it, and what both should be made from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Subject:
    """One output of the workflow.

    `stem` and an ending are the names of the files that show the table `table`; `<stem>.json` is
    their sidecar. `kind` is figure, claims, twin, theory, measured or map, and `of` which one:
    a figure's name (for twin, measured), otherwise its own. `steps` are those of `code_digest`, of
    the table and of what shows it. `target` is what to ask Snakemake for. `settings`, `inputs`
    (runs and tables by name) and `runs` (all that `target` needs) are asked only when it is read.
    """

    name: str
    title: str
    kind: str
    of: str
    stem: str
    table: str
    steps: tuple[str, str]
    target: str
    settings: Callable[[], dict]
    inputs: Callable[[], Iterable[str]]
    runs: Callable[[], Iterable[str]]
    settings_file: str

    @property
    def link(self) -> str:
        """What the files are called that show the table."""
        return "page" if self.kind == "claims" else "figure"

    @property
    def key(self) -> str:
        """Its name among those of all studies: <study>/<name>, or theory/<name>."""
        return f"{self.stem.split('/')[1]}/{self.name}"

    @property
    def shown(self) -> str:
        """One of the files that show the table: asking Snakemake for it makes all of them."""
        return f"{self.stem}.{'md' if self.kind == 'claims' else 'pdf'}"

    @property
    def files(self) -> list[str]:
        """Names of all files that show the table, without their folder."""
        endings = ("md",) if self.kind == "claims" else ("pdf", "svg", "png")
        return [f"{Path(self.stem).name}.{ending}" for ending in endings]

    def is_there(self, root: Path) -> bool:
        """Whether any file of it exists below `root`."""
        beside = (root / self.stem).parent.glob(f"{Path(self.stem).name}.*")
        return (root / self.table).exists() or any(beside)
