"""Does a run hold its own numbers? The numbers themselves tell, whatever name and record say.

They reveal a run that was copied or exchanged, even if all digests fit: its start tells seeds
apart, its updates tell batch sizes apart. Learning rates are told by its own rows
(`evidence/run_rows.py`), and where these were rewritten, too, its losses are still another run's.
"""

import math
from collections.abc import Iterator
from statistics import median_low

from largebatch.audit.chain.chain import Chain
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.finding import Finding, tampered
from largebatch.records import canonical_json

ROUNDING = 1e-3  # relative: machines, pack sizes and batch sizes differ in the last bits
Start = tuple[float, Evidence]  # a run's first test loss, and the run


def start_findings(chain: Chain) -> list[Finding]:
    """One finding for each run that does not start where its seed does, or as another seed does.

    Runs of one task and seed start from the same weights, and so with the same test loss before
    the first step; those of two seeds never do.
    """
    of_task: dict[str, dict[int, list[Start]]] = {}
    for run in chain.runs.values():
        if run.start is not None and math.isfinite(run.start):
            seeds = of_task.setdefault(canonical_json(run.record["settings"]["task"]), {})
            seeds.setdefault(run.record["settings"]["seed"], []).append((run.start, run))
    return [found for seeds in of_task.values() for found in _of_task(seeds)]


def _of_task(seeds: dict[int, list[Start]]) -> Iterator[Finding]:
    usual = {seed: _usual([start for start, _ in runs]) for seed, runs in seeds.items()}
    for seed, runs in seeds.items():
        own = usual[seed]
        others = [other for other in seeds if other != seed and usual[other] == own]
        for start, run in runs:
            if own is None:  # which of them start elsewhere, nobody can tell
                yield _not_its_own(run, f"the runs of seed {seed} have different first test losses")
            elif not _alike(start, own):
                yield _not_its_own(
                    run, f"its first test loss is not that of the other runs of seed {seed}"
                )
            elif others:  # which of the two seeds is a copy of the other, nobody can tell
                yield _not_its_own(run, f"its first test loss is also that of seed {others[0]}")


def _usual(starts: list[float]) -> float | None:
    """The first test loss of more than half of the runs of a seed; None if they do not agree."""
    middle = median_low(starts)
    return middle if 2 * sum(_alike(start, middle) for start in starts) > len(starts) else None


def _alike(start: float, other: float) -> bool:
    return math.isclose(start, other, rel_tol=ROUNDING)


def copy_findings(chain: Chain) -> Iterator[Finding]:
    """One finding for each run with the very losses of another rate or optimizer.

    Compared are runs of one task, batch and seed, as the others are told apart by now. Which of
    them is the copy, nobody can tell.
    """
    alike: dict[str, list[Evidence]] = {}
    for run in chain.runs.values():
        if run.losses:
            own = [run.record["settings"][key] for key in ("task", "batch", "seed")]
            alike.setdefault(canonical_json([*own, run.losses]), []).append(run)
    for runs in alike.values():
        for run, other in zip(runs, (*runs[1:], runs[0]), strict=True):
            if run is not other:
                yield _not_its_own(run, f"its losses are, to the last bit, those of {other.name}")


def update_findings(chain: Chain) -> Iterator[Finding]:
    """One finding for each run whose updates per epoch are not what its data and batch give.

    Asked only where its own data are present.
    """
    for run in chain.runs.values():
        [source] = run.record["inputs"]
        data = chain.data.get(source["name"])
        if data is None or data.examples is None or data.table != source["table"]:
            continue
        if run.updates is None:
            continue
        wanted = updates_an_epoch(data.examples, run.record["settings"])
        if run.updates != wanted:
            said = f"it has {run.updates} updates per epoch, but its batch gives {wanted}"
            yield _not_its_own(run, said)


def updates_an_epoch(examples: int, settings: dict) -> int:
    """Updates per epoch by a run's settings; examples are images or tokens (paper, app. C.4)."""
    task, batch = settings["task"], settings["batch"]
    if unroll := task["model"].get("unroll"):
        return (examples // batch - 1) // unroll  # of each stream; the last token is only predicted
    full, rest = divmod(examples, batch)
    return full + (rest > 0 and task["last_batch"] == "keep")


def _not_its_own(run: Evidence, detail: str) -> Finding:
    return tampered("runs", run.name, detail, remake=(run.name,))
