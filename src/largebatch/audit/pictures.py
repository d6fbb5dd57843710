"""The link from a figure's files to its table: checksums and the identity inside."""

from pathlib import Path

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.errors import UserError
from largebatch.records import file_digest, find_mark, identity_of, read_sidecar


def picture_findings(chain: Chain) -> list[Finding]:
    """Are all pictures there, with their bytes, and does the identity follow from its parts?"""
    if chain.sidecar is None:
        return []
    folder = (chain.root / chain.figure_name).parent
    outputs = chain.sidecar.outputs.items()
    findings = [f for name, digest in outputs for f in _file(chain, folder / name, digest)]
    findings += _identity(chain)
    if findings:
        return findings
    names = " ".join(chain.sidecar.outputs)
    return [_found(Verdict.INTACT, names, f"identity {chain.sidecar.identity[:8]}")]


def _file(chain: Chain, path: Path, digest: str) -> list[Finding]:
    name = f"{Path(chain.figure_name).parent}/{path.name}"
    if not path.exists():
        return [_found(Verdict.MISSING, name, "the file is not there", name)]
    if file_digest(path) != digest:
        return [_found(Verdict.CHANGED, name, "its bytes are not the ones that were drawn", name)]
    return []


def _identity(chain: Chain) -> list[Finding]:
    if chain.sidecar.identity == identity_of(chain.sidecar.record):
        return []
    name = f"{chain.figure_name}.json"
    detail = "its identity does not follow from its table, code and settings"
    return [_found(Verdict.CHANGED, name, detail, name)]


def _found(verdict: Verdict, what: str, detail: str, culprit: str = "") -> Finding:
    remake = (culprit.replace(".json", ".pdf"),) if culprit else ()
    return Finding("figure", Question.INTACT, verdict, what, detail, culprit, remake)


def find_figure(path: Path, root: Path) -> tuple[str, str, Finding]:
    """(study, figure, what was found of this file) for a picture, whatever its name and place.

    Found by the identity that the picture carries; a picture without one is found only where it
    was drawn. Raises UserError if it is no figure that `results/` knows.
    """
    path, root = Path(path), Path(root)
    if not path.is_file():
        raise UserError(f"{path} does not exist; name a figure of the study or a drawn file.")
    carried = find_mark(path)
    for sidecar_path in sorted(root.glob("results/*/figures/*.json")):
        here = path.resolve().parent == sidecar_path.resolve().parent
        try:
            sidecar = read_sidecar(sidecar_path)
        except UserError:
            continue  # the audit of that figure says so
        if sidecar.identity == carried or (
            carried is None and here and path.name in sidecar.outputs
        ):
            study, _, figure = sidecar_path.relative_to(root / "results").with_suffix("").parts
            return study, figure, _this_file(path, sidecar.outputs)
    if carried is None:
        raise UserError(f"{path} carries no largebatch identity; name the figure instead.")
    raise UserError(
        f"{path} was drawn as {carried[:8]}, which no figure in {root / 'results'} is now; "
        "draw the figure again, or check out the results that it came from."
    )


def _this_file(path: Path, outputs: dict[str, str]) -> Finding:
    if file_digest(path) in outputs.values():
        return _found(Verdict.INTACT, str(path), "the bytes that were drawn")
    detail = "its bytes are not the ones that were drawn"
    return Finding("figure", Question.INTACT, Verdict.CHANGED, str(path), detail, str(path))
