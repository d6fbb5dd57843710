"""A run makes as many updates in an epoch as its data and its batch give.

So the column `step` tells whose numbers a file holds where the start and the rate do not: those of
another batch size.
"""

from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, tampered


def update_findings(chain: Chain) -> Iterator[Finding]:
    """One finding a run whose first epoch has another number of updates. Only on its own data."""
    for run in chain.runs.values():
        [source] = run.record["inputs"]
        data = chain.data.get(source["name"])
        if run.updates is None or data is None or data.table != source["table"]:
            continue
        wanted = updates_an_epoch(data.examples, run.record["settings"])
        if run.updates != wanted:
            detail = f"it has {run.updates} updates an epoch, its batch gives {wanted}"
            yield tampered("runs", run.name, detail)


def updates_an_epoch(examples: int, settings: dict) -> int:
    """Of a run's settings; examples are images, or the tokens of the text (paper, app. C.4)."""
    task, batch = settings["task"], settings["batch"]
    if unroll := task["model"].get("unroll"):
        return (examples // batch - 1) // unroll  # of each stream; the last token is only predicted
    full, rest = divmod(examples, batch)
    return full + (rest > 0 and task["last_batch"] == "keep")
