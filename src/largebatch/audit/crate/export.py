"""Export one figure, or the claims, with all that made it, as a folder to check without us.

`results/<study>/crates/<name>/` holds the files under their paths, `ro-crate-metadata.json`
(see `metadata.py`) and `manifest-sha256.txt`, which also covers the metadata:
`sha256sum -c manifest-sha256.txt` checks it all.
"""

import json
import shutil
from pathlib import Path
from urllib.parse import unquote

from largebatch.audit.crate.files import crate_files, walk
from largebatch.audit.crate.metadata import crate_metadata
from largebatch.audit.report import Report
from largebatch.errors import UserError
from largebatch.records import file_digest, replacing_folder

METADATA = "ro-crate-metadata.json"
MANIFEST = "manifest-sha256.txt"


def export_crate(report: Report, folder: Path) -> Path:
    """Write the crate of an audited subject to `folder`, replacing what is there; returns `folder`.

    Raises UserError for a subject that is not verified or has no crate of its own.
    """
    with replacing_folder(folder) as unfinished:
        _check(report)
        files = dict(sorted(crate_files(report.chain)))
        metadata = crate_metadata(report.chain, files)
        for path, content in files.items():
            target = unfinished / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(content, target)
        (unfinished / METADATA).write_text(json.dumps(metadata, indent=1) + "\n")
        (unfinished / MANIFEST).write_text(_manifest(unfinished))
    return Path(folder)


def _check(report: Report) -> None:
    """Refuse what is not verified: workflow, settings and code in the crate are the tree's."""
    subject = report.subject
    if not subject.shows:
        raise UserError(
            f"{subject.name}: a run or a dataset has no crate of its own; name a figure made "
            "from it, whose crate holds or names it."
        )
    if subject.table is None:
        raise UserError(
            f"{subject.stem} only shows outputs that have crates of their own; make these with "
            "`snakemake crate`."
        )
    if report.exit_code:
        raise UserError(
            f"{subject.stem} is {report.headline.lower()}, so a crate of it would not be true; "
            f"see `{report.chain.command}` for the repair."
        )


def verify_crate(folder: Path) -> list[str]:
    """What is wrong with a crate, one sentence each; empty if no file has changed.

    The official validator checks the form of the metadata and which files exist, not what is in
    them. Here every byte is compared with the manifest and with the checksums in the metadata.
    """
    folder = Path(folder)
    if not folder.is_dir():
        return [f"{folder}: there is no such folder; name the folder of a crate (.../crates/fig1)."]
    try:
        lines = (folder / MANIFEST).read_text().splitlines()
        graph = json.loads((folder / METADATA).read_text())["@graph"]
        recorded = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
        stated = {unquote(each["@id"]): str(each["sha256"]) for each in graph if "sha256" in each}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return [f"{folder} is not a readable crate ({reason}); name one like .../crates/fig1."]
    there = {path.relative_to(folder).as_posix() for path in walk(folder)} - {MANIFEST}
    wanted = recorded.keys() | {path for path in stated if not path.startswith("#")}  # "#": no file
    problems = [f"{folder / path} is missing." for path in sorted(wanted - there)]
    problems += [
        f"{folder / path} is not in the manifest." for path in sorted(there - recorded.keys())
    ]
    for path in sorted(recorded.keys() & there):
        digest = file_digest(folder / path)
        if {digest} != {recorded[path], stated.get(path, digest)}:
            problems.append(f"{folder / path} is not the file that was exported.")
    return problems


def _manifest(folder: Path) -> str:
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in walk(folder)}
    return "".join(f"{digest}  {path}\n" for path, digest in digests.items())
