"""Folders of packs that have ended: each stays as long as it tells why a run has no result."""

import contextlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from largebatch.training.leases.holder import is_gone, myself


def note(folder: Path, name: str, content: str) -> None:
    """Write a note into a pack's folder; a full disk costs the note, not the pack."""
    with contextlib.suppress(OSError):
        (folder / name).write_text(content)


def clear(spool: Path) -> None:
    """Tidy up when a Snakemake starts.

    Local packs of a Snakemake that was killed ended with it, and are marked as ended.
    """
    for file in spool.glob("*/pack.json"):
        known = any(file.with_name(name).exists() for name in ("ended", "batch.sh"))
        if not known and not _is_at_work(file):
            note(file.parent, "ended", "ended with its Snakemake")
    sweep(spool.glob("*/pack.json"))


def sweep(files: Iterable[Path]) -> None:
    """Remove the folders of these files whose runs are all done, by that pack or a later one."""
    for file in files:
        if _is_done(file.parent):
            shutil.rmtree(file.parent, ignore_errors=True)


def _is_done(folder: Path) -> bool:
    """Are all runs of the pack done?

    A result without a marker counts only once the pack has ended; before that, the pack is about
    to write the marker.
    """
    try:
        runs = json.loads((folder / "pack.json").read_text())["runs"]
    except (OSError, ValueError):
        return False
    ended = (folder / "ended").exists()
    return all(Path(run["done"]).exists() or (ended and is_made(run["out"])) for run in runs)


def is_made(out: str | list[str]) -> bool:
    """Do all files exist that a run makes?"""
    return all(Path(path).exists() for path in ([out] if isinstance(out, str) else out))


def _is_at_work(pack: Path) -> bool:
    """Does the pack's Snakemake still run on this machine? A later process of its id is not it."""
    try:
        holder = json.loads(pack.read_text())["holder"]
        return holder["machine"] == myself()["machine"] and not is_gone(holder)
    except (OSError, ValueError, KeyError):
        return False
