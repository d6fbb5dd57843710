"""From the runs of a study to one verdict per claim."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from largebatch.analysis.claims import batches, contrasts, curvature, optima, pairs, ranks
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evidence import HERE, NOT_RUN, PAPER, NotRun
from largebatch.analysis.claims.finding import Finding
from largebatch.analysis.claims.ledger import Claim
from largebatch.analysis.claims.verdict import verdict_columns
from largebatch.analysis.histories import History
from largebatch.study import Study

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("place", pa.string()),
        ("statement", pa.string()),
        ("verdict", pa.string()),  # supported, contradicted, undecided, not run
        ("scope", pa.string()),  # the paper, or at this scale
        ("open", pa.string()),  # why undecided: interval, seeds, grid, scale; else null
        ("reason", pa.string()),  # the finding that decides the verdict, in words
        ("paper", pa.string()),
        ("estimate", pa.float64()),  # of that finding, with its 1 - 2 alpha interval
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("unit", pa.string()),  # % or points: of these fractions; empty: of none
        ("n", pa.int32()),  # seeds
        ("parts", pa.int32()),  # findings, all of which must hold
        ("needs", pa.string()),  # figures and sweeps, space-separated
        ("runs", pa.int32()),
        ("diverged", pa.int32()),  # of these runs
        ("run_digests", pa.string()),  # table digests of these runs, space-separated
        ("findings", pa.string()),  # all parts, JSON
    ]
)
CHECKS: dict[str, Callable[[dict, Bench], Iterator[Finding]]] = {
    "equivalent": pairs.compare,
    "better": pairs.compare,
    "curve": pairs.curve,
    "optimum": optima.optimum,
    "threshold": optima.threshold,
    "threshold_over_optimum": optima.threshold_over_optimum,
    "threshold_train_first": optima.threshold_train_first,
    "slope": batches.slope,
    "slope_below": batches.slope,
    "critical_batch": batches.critical_batch,
    "gap_growth": contrasts.gap_growth,
    "flatter": contrasts.flatter,
    "rank": ranks.rank,
    "curvature_ratio": curvature.curvature_ratio,
    "curvature_threshold": curvature.curvature_threshold,
}


def evaluate(study: Study, root: Path = Path(".")) -> pa.Table:
    """One row per claim of config/claims.yaml, with the columns `SCHEMA`.

    Every run is verified when it is read; a claim that lacks a run is 'not run'. Only a `faithful`
    study speaks of the paper. Raises UserError for a file that does not match its digest, or a
    ledger that breaks its schema.
    """
    return judged(Bench(study, root))


def judged(bench: Bench) -> pa.Table:
    """The table of verdicts; afterwards `bench` knows what was read for it."""
    rows = [_row(claim, bench) for claim in bench.ledger.claims]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _row(claim: Claim, bench: Bench) -> dict:
    row = {
        "id": claim.id,
        "place": claim.place,
        "statement": claim.statement,
        "paper": claim.paper,
        "scope": PAPER if bench.study.faithful else HERE,
        "needs": " ".join(claim.references),
    }
    try:
        used, findings = _tested(claim, bench)
    except NotRun as reason:
        return {**row, "verdict": NOT_RUN, "reason": str(reason)}
    return {**row, **verdict_columns(findings, bench.alpha), **_provenance(used)}


def _tested(claim: Claim, bench: Bench) -> tuple[list[History], list[Finding]]:
    """The runs and findings of a claim. Raises NotRun if anything that a check needs is missing.

    All its runs are read first, so that the claims are made from just what `needed_files` names.
    """
    used = [bench.history(run) for run in bench.runs_for(claim)]
    return used, [f for check in claim.checks for f in CHECKS[check["test"]](check, bench)]


def _provenance(used: list[History]) -> dict:
    return {
        "runs": len(used),
        "diverged": sum(history.diverged for history in used),
        "run_digests": " ".join(history.source["table"] for history in used),
    }
