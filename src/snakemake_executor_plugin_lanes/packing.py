"""Decide which waiting jobs start together, and in which order; imports nothing of Snakemake."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A job that may start.

    pack: jobs of the same non-empty pack may share a process; "" shares with nobody. lanes: at most
    so many share one. work: the relative time it takes. likeness: jobs are packed in this order
    (runs that diverge early together, say, so that a whole pack can end early). job: the payload.
    """

    job: object
    pack: str = ""
    lanes: int = 1
    work: int = 1
    priority: int = 0
    likeness: tuple = ()


def packs_in_order(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """The packs in the order to start them: by priority, then by work, highest first."""
    packs: dict[object, list[Waiting]] = {}
    for place, one in enumerate(waiting):
        packs.setdefault((one.priority, one.pack or place), []).append(one)
    chunks = [chunk for members in packs.values() for chunk in even_chunks(members)]
    return sorted(chunks, key=lambda c: (c[0].priority, sum(one.work for one in c)), reverse=True)


def even_chunks(members: Sequence[Waiting]) -> list[list[Waiting]]:
    """As few chunks as `lanes` allows, their sizes equal within one: 24 runs, 20 lanes: 12 + 12."""
    members = sorted(members, key=lambda one: one.likeness)
    count = math.ceil(len(members) / max(1, min(one.lanes for one in members)))
    bounds = [len(members) * i // count for i in range(count + 1)]
    return [members[a:b] for a, b in itertools.pairwise(bounds)]
