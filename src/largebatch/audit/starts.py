"""Runs of one task and seed start from the same weights, those of two seeds never do.

So the test loss before the first step (row 0) tells whose numbers a file holds, whatever its name
and record say: a run copied or exchanged between seeds shows, also with all its digests.
"""

import math
from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.evidence import Evidence
from largebatch.audit.finding import Finding, tampered
from largebatch.records import canonical_json

ROUNDING = 1e-3  # relative: machines, pack sizes and batch sizes differ in the last bits


def start_findings(chain: Chain) -> list[Finding]:
    """One finding a run that starts where its seed does not, or where another seed does."""
    of_task: dict[str, dict[int, list[Evidence]]] = {}
    for run in chain.runs.values():
        if run.start is not None and math.isfinite(run.start):
            seeds = of_task.setdefault(canonical_json(run.record["settings"]["task"]), {})
            seeds.setdefault(run.record["settings"]["seed"], []).append(run)
    return [found for seeds in of_task.values() for found in _of_task(seeds)]


def _of_task(seeds: dict[int, list[Evidence]]) -> Iterator[Finding]:
    owner: dict[float, int] = {}
    for seed, runs in seeds.items():
        [(usual, _)] = Counter(run.start for run in runs).most_common(1)
        for run in runs:
            if not math.isclose(run.start, usual, rel_tol=ROUNDING):
                detail = f"it starts elsewhere than the other runs of seed {seed}"
                yield tampered("runs", run.name, detail)
        if (other := owner.setdefault(usual, seed)) != seed:
            yield tampered("runs", runs[0].name, f"seed {seed} starts where seed {other} does")
