"""Find out which output a file is, whatever it is called and wherever it lies.

Runs, tables and datasets carry their names; pictures and pages carry an identity.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from largebatch.audit.finding import Finding, intact, tampered
from largebatch.audit.subjects.subject import is_data, is_run
from largebatch.data.load import read_dataset_record
from largebatch.errors import UserError
from largebatch.records import (
    Refusal,
    Sidecar,
    check_file,
    file_digest,
    find_mark,
    glance,
    read_sidecar,
)

OUTPUT = re.compile(r"results/[^/]+/.")
PLACE = re.compile(r"results/(data/[^/]+|[^/]+/(tables/[^/]+|runs/.+/seed\d+))\.\w+")
SIDECARS = ("results/*/*.json", "results/*/*/*.json")
RECORDS = {".parquet": glance, ".safetensors": read_dataset_record}


def find_file(path: Path, root: Path) -> tuple[str, list[Finding]]:
    """(name in its record, findings about this copy) of a run, table, dataset or picture.

    A file below `results/<study>/` that is missing, damaged or belongs elsewhere gets the name of
    its place: the audit of what belongs there says the rest. Raises UserError for a file that has
    no name.
    """
    path, root = Path(path), Path(root)
    if path.suffix not in RECORDS:
        return _find_shown(path, root)
    place = Path(os.path.relpath(path, root)).as_posix()
    try:
        name = _recorded_name(path)
    except Refusal as error:
        if OUTPUT.match(place):
            return place, []
        raise UserError(
            f"{path}: {error.reason}, and it does not lie below results/<study>/; name a file that "
            "does."
        ) from error
    if PLACE.fullmatch(place) and place != name and place.split("/")[:2] == name.split("/")[:2]:
        return place, []
    return name, _copy(path, root / name, name)


def _recorded_name(path: Path) -> str:
    """The name in a file's record; Refusal if that cannot be read, UserError if it is no name."""
    check_file(path)
    try:
        record = RECORDS[path.suffix](path)
    except Refusal:
        raise
    except (UserError, ValueError, RecursionError) as error:  # no JSON, or too deep
        raise Refusal(path, "it cannot be read", "name another file") from error
    name = record.get("name") if isinstance(record, dict) else None
    if not isinstance(name, str) or not OUTPUT.match(name):
        raise UserError(
            f"{path}: its record names no output, so this package did not write it; name a file "
            "below results/<study>/, or a copy of one."
        )
    return name


def _copy(path: Path, original: Path, name: str) -> list[Finding]:
    if os.path.realpath(path) == os.path.realpath(original):
        return []
    link = "runs" if is_run(name) else "data" if is_data(name) else "table"
    if os.path.isfile(original) and file_digest(path) == file_digest(original):
        return [intact(link, str(path), f"the same bytes as {name}")]
    return [tampered(link, str(path), f"it carries the name of {name}, but not its bytes")]


def _find_shown(path: Path, root: Path) -> tuple[str, list[Finding]]:
    """The same for a picture or page; its name is that of its sidecar, without the ending.

    Beside a sidecar that lists its file name, it is that one's; elsewhere its identity finds it.
    """
    if not path.is_file():
        raise UserError(
            f"{path} does not exist; name a figure of the study, or a picture or page that exists."
        )
    check_file(path)
    sidecars = dict(_sidecars(root))
    beside = [s for s, sidecar in sidecars.items() if _is_beside(path, root / s, sidecar)]
    carried = find_mark(path)
    alike = [stem for stem, sidecar in sidecars.items() if sidecar.identity == carried]
    if found := beside or alike:
        return found[0], [_this_file(path, sidecars[found[0]].outputs)]
    if carried is None:
        raise UserError(f"{path} carries no largebatch identity; name the figure instead.")
    raise UserError(
        f"{path} carries the identity {carried[:8]}, which no figure in {root / 'results'} has "
        "now; draw the figure again, or check out the results that it came from."
    )


def _sidecars(root: Path) -> Iterator[tuple[str, Sidecar]]:
    """Each sidecar by its name; without copies, and damaged ones, which other audits report."""
    for path in sorted(file for place in SIDECARS for file in root.glob(place)):
        stem = path.relative_to(root).with_suffix("").as_posix()
        try:
            yield stem, read_sidecar(path, stem)
        except UserError:
            continue


def _is_beside(path: Path, stem: Path, sidecar: Sidecar) -> bool:
    """Does the file really lie in the folder of this sidecar, which lists it?"""
    return path.name in sidecar.outputs and _folder(path) == _folder(Path(f"{stem}.json"))


def _folder(path: Path) -> str:
    """The folder where a file really lies; for a loop of links any, where `resolve` would raise."""
    return os.path.dirname(os.path.realpath(path))


def _this_file(path: Path, outputs: dict[str, str]) -> Finding:
    if file_digest(path) in outputs.values():
        return intact("figure", str(path), "the bytes that were written")
    return tampered("figure", str(path), "its bytes are not the ones that were written")
