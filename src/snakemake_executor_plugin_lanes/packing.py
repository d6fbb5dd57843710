"""Which of the waiting jobs start together, and in which order. No Snakemake in here."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A job that may start.

    pack: jobs of the same non-empty pack may share a process; "" shares with nobody. lanes: at most
    so many of them. work: relative time it takes. likeness: neighbours in this order are packed
    together (runs that diverge early, say, so that a whole pack can end early). job: the payload.
    """

    job: object
    pack: str = ""
    lanes: int = 1
    work: int = 1
    priority: int = 0
    likeness: tuple = ()


def packs_in_order(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """What to start, one after the other: of the highest priority, the pack with the most work."""
    packs: dict[object, list[Waiting]] = {}
    for place, one in enumerate(waiting):
        packs.setdefault((one.priority, one.pack or place), []).append(one)
    chunks = [chunk for members in packs.values() for chunk in even_chunks(members)]
    return sorted(chunks, key=lambda c: (c[0].priority, sum(one.work for one in c)), reverse=True)


def even_chunks(members: Sequence[Waiting]) -> list[list[Waiting]]:
    """As few chunks as `lanes` allows, their sizes equal up to one: 24 runs, 20 lanes: 12 + 12."""
    members = sorted(members, key=lambda one: one.likeness)
    count = math.ceil(len(members) / max(1, min(one.lanes for one in members)))
    bounds = [len(members) * i // count for i in range(count + 1)]
    return [members[a:b] for a, b in itertools.pairwise(bounds)]
