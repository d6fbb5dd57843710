"""Packs, as described by the files that they and Snakemake keep in .snakemake/lanes."""

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path

from largebatch.records import duration
from largebatch.training.leases.spool import NO_SUCH_CONTENT, SPOOL, UNSEEN, WITH_SNAKEMAKE, is_left


@dataclass(frozen=True)
class Pack:
    """A pack that was started.

    name: task and batch. where: epoch and time left. job: SLURM's number, or empty.
    runs: files of its runs that no newer pack has. ended: how it ended, if it left runs undone;
    else empty.
    """

    name: str
    where: str
    runs: frozenset[str]
    job: str
    ended: str

    @property
    def failed(self) -> bool:
        """Whether a Snakemake saw it end with runs undone."""
        return self.ended not in {"", *UNSEEN}


def read_packs() -> list[Pack]:
    """All packs that have a file there, the newest first."""
    packs: list[Pack] = []
    seen: frozenset[str] = frozenset()
    for file in sorted(SPOOL.glob("*/pack.json"), key=_age):
        try:
            content = json.loads(file.read_text())
            runs = frozenset(run["out"] for run in content["runs"] if isinstance(run["out"], str))
            name = content["resources"].get("pack", content["rule"])
        except (OSError, *NO_SUCH_CONTENT):  # gone this very moment, half-written or not ours
            continue
        where = _where(file.with_name("progress.json"))
        ended = _text(file.with_name("ended"))
        if is_left(file, elsewhere=False):
            ended = WITH_SNAKEMAKE
        packs.append(Pack(name, where, runs - seen, _text(file.with_name("job")), ended))
        seen |= runs
    return packs


def to_come(packs: Iterable[Pack], at_work: Set[str]) -> set[str]:
    """Runs of packs that neither ended nor work: they will start, or SLURM will restart them."""
    idle = [pack.runs for pack in packs if not pack.ended and not pack.runs & at_work]
    return set().union(*idle)


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0


def _text(note: Path) -> str:
    """A note in a pack's folder; empty if there is none."""
    try:
        return note.read_text(errors="replace").strip()
    except OSError:
        return ""


def _where(progress: Path) -> str:
    try:
        seen = json.loads(progress.read_text())
        epoch, epochs = seen["epoch"], seen["epochs"]
        left = seen["elapsed"] / (epoch - seen["first"] + 1) * (epochs - epoch)
    except (OSError, ZeroDivisionError, *NO_SUCH_CONTENT):
        return "no epoch has ended yet"
    return f"epoch {epoch} of {epochs}, about {duration(left)} left"
