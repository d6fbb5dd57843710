"""Packs of jobs other than training: does the jobs of the executor's pack file one by one."""

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from largebatch.errors import UserError


def do_pack(path: Path, do: Callable[[dict], object]) -> int:
    """Call `do` for each job of the pack file and touch its marker; returns how many failed."""
    failed = 0
    for job, log, done in _jobs(path):
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            do(job)
        except Exception as error:
            failed += 1
            told = isinstance(error, UserError)
            said = f"largebatch: {error}\n" if told else traceback.format_exc()
            log.write_text(said, encoding="utf-8")
            sys.stderr.write(said)
        else:
            log.write_text("finished\n")
            done.touch()
    return failed


def _jobs(path: Path) -> list[tuple[dict, Path, Path]]:
    """Each job, its log and its marker."""
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [(job, Path(job["log"]), Path(job["done"])) for job in runs]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a pack file ({error!r}); run snakemake again.") from None
