"""Folders of packs that have ended: they stay while they tell why a run has no result."""

import contextlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from largebatch.training.leases.holder import is_gone, myself


def note(folder: Path, name: str, content: str) -> None:
    """Of what runs or ran: a full disk costs the note, not the pack."""
    with contextlib.suppress(OSError):
        (folder / name).write_text(content)


def clear(spool: Path) -> None:
    """When a Snakemake starts: processes of one that was killed have ended with it."""
    for file in spool.glob("*/pack.json"):
        known = any(file.with_name(name).exists() for name in ("ended", "batch.sh"))
        if not known and not _is_at_work(file):
            note(file.parent, "ended", "ended with its Snakemake")
    sweep(spool.glob("*/pack.json"))


def sweep(files: Iterable[Path]) -> None:
    """Remove the folders of these files in which all is done, there or by later packs."""
    for file in files:
        if _is_done(file.parent):
            shutil.rmtree(file.parent, ignore_errors=True)


def _is_done(folder: Path) -> bool:
    """A result without its marker may be about to get it, unless the pack has ended."""
    try:
        runs = json.loads((folder / "pack.json").read_text())["runs"]
    except (OSError, ValueError):
        return False
    ended = (folder / "ended").exists()
    return all(Path(run["done"]).exists() or (ended and is_made(run["out"])) for run in runs)


def is_made(out: str | list[str]) -> bool:
    """Are all files there that a run makes?"""
    return all(Path(path).exists() for path in ([out] if isinstance(out, str) else out))


def _is_at_work(pack: Path) -> bool:
    """Is its Snakemake there, on this machine, and no later process of that number?"""
    try:
        holder = json.loads(pack.read_text())["holder"]
        return holder["machine"] == myself()["machine"] and not is_gone(holder)
    except (OSError, ValueError, KeyError):
        return False
