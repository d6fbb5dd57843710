"""How long an epoch took in finished runs, to plan the next ones; and durations in words."""

import statistics
from collections.abc import Iterable
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records.tables import read_with_record

ENOUGH = 3  # runs to look at


def seconds_per_epoch(runs: Iterable[Path], lanes: int, on_gpu: bool) -> float | None:
    """Seconds per epoch of a pack of `lanes` runs; None if none of these files tells.

    The longest of a few runs that were trained on that kind of device. Times of packs with fewer
    lanes are scaled up in proportion, which is the most that time can grow; times of packs with
    more lanes are not scaled down.
    """
    found: list[float] = []
    for path in runs:
        if len(found) < ENOUGH and path.is_file():
            found += _pace(path, lanes, on_gpu)
    return max(found, default=None)


def _pace(path: Path, lanes: int, on_gpu: bool) -> list[float]:
    """The seconds per epoch by one file; empty if it does not tell."""
    try:
        table, record = read_with_record(path)
    except UserError:
        return []  # damaged; it will be reported to whoever needs its numbers
    facts = record["facts"]
    seconds = table["seconds"].to_pylist()[1:]  # row 0 is the test of the untrained network
    if not seconds or facts["device"].startswith("cuda") != on_gpu:
        return []
    # The first epoch had all lanes; later ones are faster where some have diverged.
    longest = max(seconds[0], statistics.median(seconds))
    return [longest * max(1.0, lanes / (1 + len(facts["pack_mates"])))]


def duration(seconds: float) -> str:
    """The time in words for a line of progress: seconds, minutes or hours."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
