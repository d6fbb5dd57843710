"""What the page of a study shows, read and verified before it is shown."""

from dataclasses import dataclass
from pathlib import Path

from largebatch.analysis.claims.ledger import claims_name
from largebatch.analysis.long_form import table_path
from largebatch.errors import UserError
from largebatch.figures.draw import figure_identity, figure_stem, read_drawn
from largebatch.figures.paged import has_claims
from largebatch.records import Artefact, read_sidecar
from largebatch.study import Study


@dataclass(frozen=True)
class Part:
    """A figure, or the claims: the file that the page holds, and the table behind it.

    source: the table as records name it. artefact: the table itself, for figures only.
    """

    file: str
    content: bytes
    digest: str
    source: dict
    artefact: Artefact | None = None


def read_parts(study: Study, root: Path, unfinished: bool) -> dict[str, Part]:
    """{figure or `claims`: what the page shows of it}; the claims only if they were made.

    unfinished: figures without a table are left out. Raises UserError if a table (unless
    `unfinished`) or picture is missing, or if either is altered or not of the present table and
    code.
    """
    names = [n for n in study.figures if not unfinished or (root / table_path(study, n)).is_file()]
    parts = {name: _figure(study, name, root) for name in names}
    if has_claims(study, root):
        parts["claims"] = _claims(study, root)
    return parts


def _figure(study: Study, name: str, root: Path) -> Part:
    artefact = read_drawn(study, name, root, unfinished=True)  # the picture's face says so
    stem = figure_stem(study, name)
    file, sidecar = f"{stem}.svg", read_sidecar(root / f"{stem}.json", stem)
    content = sidecar.read(root / file)
    if sidecar.identity != figure_identity(study, name, artefact):
        raise UserError(
            f"{file}: it was not drawn from the current table and code; "
            f"run `snakemake {name} --config study={study.name}`."
        )
    return Part(file, content, sidecar.outputs[Path(file).name], artefact.as_input, artefact)


def _claims(study: Study, root: Path) -> Part:
    stem = claims_name(study)
    file, sidecar = f"{stem}.md", read_sidecar(root / f"{stem}.json", stem)
    content, [source] = sidecar.read(root / file), sidecar.record["inputs"]
    return Part(file, content, sidecar.outputs[Path(file).name], source)
