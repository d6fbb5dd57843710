"""Every stored run of a study in one table, for programs that know nothing of this package."""

from pathlib import Path

import pyarrow as pa

from largebatch.analysis.stored import is_stored, read_run
from largebatch.errors import UserError
from largebatch.study import Run, Study


def run_table(study: Study, root: Path = Path(".")) -> pa.Table:
    """One row per (run, epoch): what identifies the run, its status, and its columns.

    Runs are in the order of the study, epochs ascend from 0; a run that is missing or of other
    settings is left out. Raises UserError if no run is left, and Refusal (a UserError) for a
    damaged file.
    """
    runs = [run for run in study.runs if is_stored(study, run, root)]
    if not runs:
        raise UserError(
            f"results/{study.name}/runs: there is no run of this study yet; "
            f"train with `snakemake runs --config study={study.name}`."
        )
    return pa.concat_tables([_rows(study, run, root) for run in runs])


def _rows(study: Study, run: Run, root: Path) -> pa.Table:
    artefact = read_run(study, run, root)
    told = {
        "task": run.task,
        "dataset": study.tasks[run.task].dataset,
        "batch": run.batch,
        "optimizer": run.optimizer,
        "momentum": run.momentum,
        "effective_lr": run.lr,
        "seed": run.seed,
        "status": artefact.record["status"],
    }
    table = artefact.table
    constant = {key: pa.repeat(value, len(table)) for key, value in told.items()}
    return pa.table(constant | dict(zip(table.column_names, table.columns, strict=True)))
