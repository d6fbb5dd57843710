"""What an audit can be of: a table, the files that show it, and what both should be made from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PICTURES = ("figure", ("pdf", "svg", "png"))
FORMS = {  # kind: what its files are called, and their endings, if they are no pictures
    "claims": ("page", ("md",)),
    "report": ("page", ("html",)),
    "run": ("runs", ("parquet",)),
    "data": ("data", ("safetensors",)),
}
ENDINGS = {f".{ending}" for _, endings in (PICTURES, *FORMS.values()) for ending in endings}


@dataclass(frozen=True)
class Subject:
    """One output of the workflow.

    `stem` and an ending are the names of the files that show the table `table`; `<stem>.json` is
    their sidecar; the report has no table of its own (None) and shows its `inputs`. A run or a
    dataset is one file, which shows nothing. `kind` is figure, claims, twin, theory, measured, map,
    report, run or data, and `of` which one: a figure's name (for twin, measured), a map's, else its
    own. `steps` are those of `code_digest`, of the table and of what shows it. `target` is what to
    ask Snakemake for. `settings`, `inputs` (runs and tables by name) and `runs` (all that `target`
    needs) are asked only when it is read.
    """

    name: str
    title: str
    kind: str
    of: str
    stem: str
    table: str | None
    steps: tuple[str, str]
    target: str
    settings: Callable[[], dict]
    settings_file: str
    inputs: Callable[[], Iterable[str]] = tuple
    runs: Callable[[], Iterable[str]] = tuple

    @property
    def link(self) -> str:
        """What its files are called."""
        return FORMS.get(self.kind, PICTURES)[0]

    @property
    def shows(self) -> bool:
        """Whether its files show a table, as a sidecar says."""
        return self.kind not in ("run", "data")

    @property
    def key(self) -> str:
        """Its name among those of all studies: <study>/<name>, or theory/<name>."""
        return f"{self.stem.split('/')[1]}/{self.name}"

    @property
    def shown(self) -> str:
        """The first of its files: asking Snakemake for it makes all of them."""
        return f"{self.stem}.{self._endings[0]}"

    @property
    def files(self) -> list[str]:
        """Names of all files that show the table, without their folder."""
        return [f"{Path(self.stem).name}.{ending}" for ending in self._endings]

    @property
    def _endings(self) -> tuple[str, ...]:
        return FORMS.get(self.kind, PICTURES)[1]

    def is_there(self, root: Path) -> bool:
        """Whether any file of it exists below `root`."""
        beside = (root / self.stem).parent.glob(f"{Path(self.stem).name}.*")
        return any(beside) or (self.table is not None and (root / self.table).exists())
