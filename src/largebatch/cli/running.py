"""The packs that are at work, as they say themselves in .snakemake/lanes."""

import json
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

SPOOL = Path(".snakemake/lanes")


@dataclass(frozen=True)
class Pack:
    """name: task and batch. where: epoch and time left. job: SLURM's, if it is one."""

    name: str
    where: str
    runs: int
    job: str | None


def running_packs(at_work: Set[str]) -> Iterator[Pack]:
    """Those of which some run is at work (`at_work`: files of such runs)."""
    for file in sorted(SPOOL.glob("*/pack.json")):
        try:
            pack = json.loads(file.read_text())
        except (OSError, ValueError):  # gone in this moment
            continue
        runs = sum(run["out"] in at_work for run in pack["runs"] if isinstance(run["out"], str))
        if runs:
            name = pack["resources"].get("pack", pack["rule"])
            yield Pack(name, _where(file.with_name("progress.json")), runs, _job(file))


def _job(pack: Path) -> str | None:
    try:
        return pack.with_name("job").read_text().strip()
    except OSError:
        return None


def _where(progress: Path) -> str:
    try:
        seen = json.loads(progress.read_text())
    except (OSError, ValueError):
        return "starting"
    left = seen["elapsed"] / (seen["epoch"] - seen["first"] + 1) * (seen["epochs"] - seen["epoch"])
    return f"epoch {seen['epoch']} of {seen['epochs']}, about {_duration(left)} left"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
