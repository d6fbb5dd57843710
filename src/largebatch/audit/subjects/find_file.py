"""Find out which output a file is, whatever it is called and wherever it lies.

Runs, tables and datasets carry their names; pictures and pages carry an identity.
"""

import os
import re
from pathlib import Path

from largebatch.audit.finding import Finding, intact, tampered
from largebatch.audit.subjects.subject import is_data, is_run
from largebatch.data.load import read_dataset_record
from largebatch.errors import UserError
from largebatch.records import Refusal, check_file, file_digest, find_mark, glance, read_sidecar

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
        check_file(path)
        record = RECORDS[path.suffix](path)
    except (UserError, ValueError, RecursionError) as error:  # no JSON, or too deep
        if OUTPUT.match(place):
            return place, []
        reason = error.reason if isinstance(error, Refusal) else "it cannot be read"
        raise UserError(
            f"{path}: {reason}, and it does not lie below results/<study>/; name a file that does."
        ) from error
    name = record.get("name") if isinstance(record, dict) else None
    if not isinstance(name, str) or not OUTPUT.match(name):
        raise UserError(
            f"{path}: its record names no output, so this package did not write it; name a file "
            "below results/<study>/, or a copy of one."
        )
    if PLACE.fullmatch(place) and place != name and place.split("/")[:2] == name.split("/")[:2]:
        return place, []
    return name, _copy(path, root / name, name)


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
    carried, found = find_mark(path), None
    for sidecar_path in sorted(file for place in SIDECARS for file in root.glob(place)):
        here = _folder(path) == _folder(sidecar_path)
        stem = sidecar_path.relative_to(root).with_suffix("").as_posix()
        try:
            sidecar = read_sidecar(sidecar_path, stem)
        except UserError:
            continue  # a copy from elsewhere, or damaged, as the audit of its figure will say
        if here and path.name in sidecar.outputs:
            return stem, [_this_file(path, sidecar.outputs)]
        if found is None and sidecar.identity == carried:
            found = stem, [_this_file(path, sidecar.outputs)]
    if found:
        return found
    if carried is None:
        raise UserError(f"{path} carries no largebatch identity; name the figure instead.")
    raise UserError(
        f"{path} carries the identity {carried[:8]}, which no figure in {root / 'results'} has "
        "now; draw the figure again, or check out the results that it came from."
    )


def _folder(path: Path) -> str:
    """The folder where a file really lies; for a loop of links any, where `resolve` would raise."""
    return os.path.dirname(os.path.realpath(path))


def _this_file(path: Path, outputs: dict[str, str]) -> Finding:
    if file_digest(path) in outputs.values():
        return intact("figure", str(path), "the bytes that were written")
    return tampered("figure", str(path), "its bytes are not the ones that were written")
