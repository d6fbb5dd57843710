"""What claims.parquet is made from when it is made now: runs and measurements, by name."""

from pathlib import Path

from largebatch.analysis.claims.bench import new_bench
from largebatch.analysis.claims.ledger import read_ledger
from largebatch.analysis.claims.runs import NotRun
from largebatch.analysis.measure.files import measured_files
from largebatch.study import Study


def needed_files(study: Study, root: Path = Path(".")) -> list[str]:
    """The runs of every claim that has all of its runs, and the measurements there are."""
    ledger = read_ledger(root)
    bench, found = new_bench(study, root, ledger), dict[str, None]()
    for claim in ledger.claims:
        try:
            found |= dict.fromkeys(run.path for run in bench.runs_for(claim))
        except NotRun:
            continue
    return [*found, *measured_files(study, root)]
