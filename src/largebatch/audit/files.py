"""Which output a file is, whatever it is called and wherever it lies: files carry their names."""

import os
import re
from pathlib import Path

from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.audit.pictures import find_shown
from largebatch.data.load import read_dataset_record
from largebatch.errors import UserError
from largebatch.records import Refusal, file_digest, glance

OUTPUT = re.compile(r"results/[^/]+/.")
RECORDS = {".parquet": glance, ".safetensors": read_dataset_record}


def find_file(path: Path, root: Path) -> tuple[str, list[Finding]]:
    """(name in its record, what is to be said of this copy) of a run, table, dataset or picture.

    One below `results/<study>/` that is missing or damaged has the name of its place: the audit of
    what belongs there says the rest. Raises UserError for a file that has no name.
    """
    path, root = Path(path), Path(root)
    if path.suffix not in RECORDS:
        stem, found = find_shown(path, root)
        return stem, [found]
    place = Path(os.path.relpath(path, root)).as_posix()
    try:
        record = RECORDS[path.suffix](path)
    except UserError as error:
        if OUTPUT.match(place):
            return place, []
        reason = error.reason if isinstance(error, Refusal) else "it cannot be read"
        raise UserError(f"{path}: {reason}, and it is no file of results; name one.") from error
    name = record.get("name") if isinstance(record, dict) else None
    if not isinstance(name, str) or not OUTPUT.match(name):
        raise UserError(f"{path}: its record names no output; it is none of this package's files.")
    return name, _copy(path, root / name, name)


def _copy(path: Path, original: Path, name: str) -> list[Finding]:
    if path.resolve() == original.resolve():
        return []
    link = "runs" if "/runs/" in name else "data" if "/data/" in name else "table"
    if original.is_file() and file_digest(path) == file_digest(original):
        return [Finding(link, Question.INTACT, Verdict.INTACT, str(path), f"the bytes of {name}")]
    detail = f"not the bytes of {name}, whose name it carries"
    return [Finding(link, Question.INTACT, Verdict.CHANGED, str(path), detail, str(path))]
