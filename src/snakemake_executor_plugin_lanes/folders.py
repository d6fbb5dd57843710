"""Folders of packs that have ended: each stays as long as it tells why a run has no result."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from largebatch.training.leases.spool import NO_SUCH_CONTENT, WITH_SNAKEMAKE, is_left, is_there


def note(folder: Path, name: str, content: str) -> None:
    """Write a note into a pack's folder; a full disk costs the note, not the pack."""
    with contextlib.suppress(OSError):
        (folder / name).write_text(content, errors="replace")


def read(pack: Path) -> dict | None:
    """What a pack.json holds; None if it is gone, half-written or not ours."""
    try:
        content = json.loads(pack.read_text())
        runs = [(Path(run["done"]), run["out"]) for run in content["runs"]]
    except (OSError, *NO_SUCH_CONTENT):
        return None
    return content if all(isinstance(out, str | list) for _, out in runs) else None


def clear(spool: Path, put_back: Callable[[list[str]], None] = lambda files: None) -> None:
    """Tidy up when a Snakemake starts.

    Local packs of a Snakemake that was killed ended with it, and are marked as ended. put_back:
    called with the files that nobody makes any more.
    """
    for file in spool.glob("*/pack.json"):
        if is_left(file, elsewhere=True):  # one Snakemake at a time works in a folder
            if content := read(file):
                put_back(made_by(content["runs"]))
            note(file.parent, "ended", WITH_SNAKEMAKE)
    sweep(spool.glob("*/pack.json"))


def made_by(runs: Iterable[dict]) -> list[str]:
    """All files that these runs make."""
    return [file for run in runs for file in _several(run["out"])]


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
    content = read(folder / "pack.json")
    if content is None:
        return False
    try:
        ended = is_there(folder / "ended")
        return all(
            is_there(run["done"]) or (ended and is_made(run["out"])) for run in content["runs"]
        )
    except OSError:
        return False


def is_made(out: str | list[str]) -> bool:
    """Do all files exist that a run makes? Raises what `is_there` raises."""
    return all(map(is_there, _several(out)))


def _several(out: str | list[str]) -> list[str]:
    return [out] if isinstance(out, str) else out
