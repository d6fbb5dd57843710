"""Packs of jobs that are not trainings: the executor's pack file, done one after the other."""

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from largebatch.errors import UserError


def do_pack(path: Path, do: Callable[[dict], object]) -> int:
    """Call `do` for each job of the pack file and touch its marker; returns how many failed."""
    failed = 0
    for job in json.loads(path.read_text())["runs"]:
        log = Path(job["log"])
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            do(job)
        except Exception as error:
            failed += 1
            said = f"largebatch: {error}\n" if isinstance(error, UserError) else _trace()
            log.write_text(said)
            sys.stderr.write(said)
        else:
            log.write_text("finished\n")
            Path(job["done"]).touch()
    return failed


def _trace() -> str:
    return traceback.format_exc()
