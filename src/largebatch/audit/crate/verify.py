"""Check the files of a crate, with nothing but the crate."""

import json
from pathlib import Path
from urllib.parse import unquote

from largebatch.audit.crate.files import walk
from largebatch.records import file_digest

METADATA = "ro-crate-metadata.json"
MANIFEST = "manifest-sha256.txt"


def verify_crate(folder: Path) -> list[str]:
    """What is wrong with a crate, one sentence each; empty if no file has changed.

    The official validator checks the form of the metadata and which files exist, not what is in
    them. Here every byte is compared with the manifest and with the checksums in the metadata.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return [f"{folder}: there is no such folder; name the folder of a crate (.../crates/fig1)."]
    try:
        recorded, stated = _digests(folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return [f"{folder} is not a readable crate ({reason}); name one like .../crates/fig1."]
    there = {path.relative_to(folder).as_posix() for path in walk(folder)} - {MANIFEST}
    wanted = recorded.keys() | {path for path in stated if not path.startswith("#")}  # "#": no file
    faults = {path: "is missing" for path in sorted(wanted - there)}
    faults |= {path: "is not in the manifest" for path in sorted(there - recorded.keys())}
    for path in sorted(recorded.keys() & there):
        digest = file_digest(folder / path)
        if {digest} != {recorded[path], stated.get(path, digest)}:
            faults[path] = "is not the file that was exported"
    return [f"{folder / path} {fault}." for path, fault in faults.items()]


def _digests(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """{path: digest} of the manifest, and of the metadata, which have some of what is no file."""
    lines = (folder / MANIFEST).read_text().splitlines()
    graph = json.loads((folder / METADATA).read_text())["@graph"]
    recorded = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
    return recorded, {unquote(e["@id"]): str(e["sha256"]) for e in graph if "sha256" in e}
