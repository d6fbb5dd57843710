"""What the page of a study shows, read and verified before it is shown."""

from dataclasses import dataclass
from pathlib import Path

from largebatch.errors import UserError
from largebatch.figures.draw import figure_identity, read_drawn
from largebatch.figures.paged import claims_path, has_claims
from largebatch.records import Artefact, read_artefact, read_sidecar
from largebatch.study import Study


@dataclass(frozen=True)
class Picture:
    """A figure: the file that the page holds, its digest, and the table that it was drawn from."""

    file: str
    content: bytes
    digest: str
    artefact: Artefact


@dataclass(frozen=True)
class Parts:
    """What the page shows: {figure: its picture}, and the table of claims if they were made."""

    figures: dict[str, Picture]
    claims: Artefact | None

    @property
    def sources(self) -> list[dict]:
        """The tables behind the page, as records name them."""
        tables = [shown.artefact for shown in self.figures.values()]
        return [table.as_input for table in [*tables, self.claims] if table]


def read_parts(study: Study, root: Path, unfinished: bool) -> Parts:
    """Read all that the page shows.

    unfinished: figures without a table are left out. Raises UserError if a table (unless
    `unfinished`) or picture is missing, or if either is altered or not of the present table and
    code.
    """
    names = [n for n in study.figures if not unfinished or (root / study.table(n)).is_file()]
    figures = {name: _figure(study, name, root) for name in names}
    path = claims_path(study)
    return Parts(figures, read_artefact(root / path, path) if has_claims(study, root) else None)


def _figure(study: Study, name: str, root: Path) -> Picture:
    artefact = read_drawn(study, name, root, unfinished=True)  # the picture's face says so
    stem = study.stem(name)
    file, sidecar = f"{stem}.svg", read_sidecar(root / f"{stem}.json", stem)
    content = sidecar.read(root / file)
    if sidecar.identity != figure_identity(study, name, artefact):
        raise UserError(
            f"{file}: it was not drawn from the current table and code; "
            f"run `snakemake {name} --config study={study.name}`."
        )
    return Picture(file, content, sidecar.outputs[Path(file).name], artefact)
