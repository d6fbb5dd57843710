"""Export one figure, or the claims, with all that made it, as a folder to check without us.

`results/<study>/crates/<name>/` holds the files under their paths, `ro-crate-metadata.json`
(see `metadata.py`) and `manifest-sha256.txt`, which also covers the metadata:
`sha256sum -c manifest-sha256.txt` checks it all.
"""

import json
import shutil
from pathlib import Path

from largebatch.audit.crate.files import crate_files, walk
from largebatch.audit.crate.metadata import crate_metadata
from largebatch.audit.crate.verify import MANIFEST, METADATA
from largebatch.audit.report import Report
from largebatch.errors import UserError
from largebatch.records import file_digest, replacing_folder


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


def _manifest(folder: Path) -> str:
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in walk(folder)}
    return "".join(f"{digest}  {path}\n" for path, digest in digests.items())
