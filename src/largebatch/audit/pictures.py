"""The link from what shows a table to that table: checksums and the identity inside."""

from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.errors import UserError
from largebatch.records import file_digest, find_mark, identity_of, read_sidecar

SIDECARS = ("results/*/*.json", "results/*/*/*.json")


def picture_findings(chain: Chain) -> list[Finding]:
    """Are all pictures there, with their bytes, and does the identity follow from its parts?"""
    if chain.sidecar is None:
        return []
    outputs = chain.sidecar.outputs.items()
    findings = [f for name, digest in outputs for f in _file(chain, name, digest)]
    findings += [*_unnamed(chain), *_identity(chain), *_embedded(chain)]
    if findings:
        return findings
    names, identity = " ".join(chain.sidecar.outputs), chain.sidecar.identity[:8]
    return [_found(chain, Verdict.INTACT, names, f"identity {identity}")]


def _file(chain: Chain, name: str, digest: str) -> list[Finding]:
    name = f"{Path(chain.subject.stem).parent}/{name}"
    path = chain.root / name
    if not path.is_file():
        return [_found(chain, Verdict.MISSING, name, "the file is not there", name)]
    if file_digest(path) != digest:
        detail = "its bytes are not the ones that were written"
        return [_found(chain, Verdict.CHANGED, name, detail, name)]
    if find_mark(path) != chain.sidecar.identity:
        detail = "it carries the identity of another drawing"
        return [_found(chain, Verdict.CHANGED, name, detail, name)]
    return []


def _unnamed(chain: Chain) -> list[Finding]:
    """What the sidecar leaves out could be anything."""
    unnamed = [name for name in chain.subject.files if name not in chain.sidecar.outputs]
    if not unnamed:
        return []
    name, detail = f"{chain.subject.stem}.json", f"it has no digest of {', '.join(unnamed)}"
    return [_found(chain, Verdict.CHANGED, name, detail, name)]


def _identity(chain: Chain) -> list[Finding]:
    record = chain.sidecar.record
    named = [each["name"] for each in record["inputs"]]
    of_one = chain.subject.table is None or named == [chain.subject.table]
    if named and of_one and chain.sidecar.identity == identity_of(record):
        return []
    name = f"{chain.subject.stem}.json"
    detail = "its identity does not follow from its table, code and settings"
    return [_found(chain, Verdict.CHANGED, name, detail, name)]


def _embedded(chain: Chain) -> Iterator[Finding]:
    """Of a page that holds other files: are these the ones that stand there now?"""
    for name, digest in chain.sidecar.record["facts"].get("shows", {}).items():
        path = chain.root / name
        if path.is_file() and file_digest(path) == digest:
            continue
        detail = f"not the one that {chain.subject.shown} shows"
        found = (chain.subject.link, Question.CURRENT, Verdict.STALE, name, detail, name)
        yield Finding(*found, remake=(chain.subject.shown,))


def _found(chain: Chain, verdict: Verdict, what: str, detail: str, culprit: str = "") -> Finding:
    remake = (chain.subject.shown,) if culprit else ()
    return Finding(chain.subject.link, Question.INTACT, verdict, what, detail, culprit, remake)


def find_shown(path: Path, root: Path) -> tuple[str, Finding]:
    """(stem of its record, what was found of this file) for a file, whatever its name and place.

    Found by the identity that the picture carries; a picture without one is found only where it
    was drawn. Raises UserError if it shows no table that `results/` knows.
    """
    path, root = Path(path), Path(root)
    if not path.is_file():
        raise UserError(
            f"{path} does not exist; name a figure of the study or a file that was drawn."
        )
    carried = find_mark(path)
    for sidecar_path in sorted(file for place in SIDECARS for file in root.glob(place)):
        here = path.resolve().parent == sidecar_path.resolve().parent
        stem = sidecar_path.relative_to(root).with_suffix("").as_posix()
        try:
            sidecar = read_sidecar(sidecar_path, stem)
        except UserError:
            continue  # a copy elsewhere; if damaged, the audit of what it belongs to says so
        if sidecar.identity == carried or (
            carried is None and here and path.name in sidecar.outputs
        ):
            return stem, _this_file(path, sidecar.outputs)
    if carried is None:
        raise UserError(f"{path} carries no largebatch identity; name the figure instead.")
    raise UserError(
        f"{path} was drawn as {carried[:8]}, which no figure in {root / 'results'} is now; "
        "draw the figure again, or check out the results that it came from."
    )


def _this_file(path: Path, outputs: dict[str, str]) -> Finding:
    if file_digest(path) in outputs.values():
        detail = "the bytes that were written"
        return Finding("figure", Question.INTACT, Verdict.INTACT, str(path), detail)
    detail = "its bytes are not the ones that were written"
    return Finding("figure", Question.INTACT, Verdict.CHANGED, str(path), detail, str(path))
