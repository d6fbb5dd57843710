"""How long: an epoch of runs that were trained, for whoever plans the next; and words for it."""

import statistics
from collections.abc import Iterable
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.tables import read_with_record

ENOUGH = 3  # runs to look at


def seconds_per_epoch(runs: Iterable[Path], lanes: int, on_gpu: bool) -> float | None:
    """Of a pack of `lanes` runs; None if none of these files tells.

    The longest of a few runs that were trained on a device of that kind. A pack that had fewer
    lanes is scaled up, one that had more is not scaled down: time grows at most with the lanes.
    """
    found: list[float] = []
    for path in runs:
        if len(found) < ENOUGH and path.is_file():
            found += _pace(path, lanes, on_gpu)
    return max(found, default=None)


def _pace(path: Path, lanes: int, on_gpu: bool) -> list[float]:
    """Of one file, or nothing."""
    try:
        table, record = read_with_record(path)
    except UserError:
        return []  # damaged: whoever needs its numbers says so
    facts = record["facts"]
    _, *epochs = table["seconds"].to_pylist()  # row 0: how long the untrained network was tested
    seconds = [s for s in epochs if s]
    if not seconds or facts["device"].startswith("cuda") != on_gpu:
        return []
    # The first epoch had all lanes; later ones are faster where some have diverged.
    longest = max(seconds[0], statistics.median(seconds))
    return [longest * max(1.0, lanes / (1 + len(facts["pack_mates"])))]


def duration(seconds: float) -> str:
    """In words, as a line of progress has it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
