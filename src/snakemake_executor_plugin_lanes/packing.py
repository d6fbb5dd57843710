"""Decide which waiting jobs start together, and in which order; imports nothing of Snakemake."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_WORK = 10_000  # milliseconds; a process takes some 4,000 to import PyTorch and read its data


@dataclass(frozen=True)
class Waiting:
    """A job that may start.

    pack: jobs of the same non-empty pack may share a process; "" shares with nobody. lanes: at most
    so many share one. work: roughly the milliseconds it takes alone on one core. likeness: jobs are
    packed in this order (runs that diverge early together, say, so that a whole pack can end
    early). job: the payload.
    """

    job: object
    pack: str = ""
    lanes: int = 1
    work: int = 1
    priority: int = 0
    likeness: tuple = ()


def packs_in_order(waiting: Sequence[Waiting], share: float = math.inf) -> list[list[Waiting]]:
    """The packs in the order to start them: by priority, then by work, highest first.

    share: the work that each core would have if all did the same. A pack with more is split, or it
    would keep one core busy while others have nothing left to do.
    """
    packs: dict[object, list[Waiting]] = {}
    for place, one in enumerate(waiting):
        packs.setdefault((one.priority, one.pack or place), []).append(one)
    parts = [part for jobs in packs.values() for part in even_parts(jobs, _how_many(jobs, share))]
    return sorted(parts, key=lambda part: (part[0].priority, _work(part)), reverse=True)


def even_parts(jobs: Sequence[Waiting], count: int) -> list[list[Waiting]]:
    """Parts of like jobs, their sizes equal within one: 24 runs in 2 parts are 12 + 12."""
    jobs = sorted(jobs, key=lambda one: one.likeness)
    bounds = [len(jobs) * i // count for i in range(count + 1)]
    return [jobs[a:b] for a, b in itertools.pairwise(bounds)]


def _how_many(jobs: Sequence[Waiting], share: float) -> int:
    """As few parts as `lanes` allows, or as many as bring each near the share.

    Not less than two jobs each, since a run that is trained alone costs as much as two.
    """
    fewest = math.ceil(len(jobs) / max(1, min(one.lanes for one in jobs)))
    fair = round(_work(jobs) / max(share, LEAST_WORK))
    return max(fewest, min(fair, len(jobs) // 2))


def _work(jobs: Sequence[Waiting]) -> int:
    return sum(one.work for one in jobs)
