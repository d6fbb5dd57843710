"""Everything that is measured for one figure, as one table."""

from pathlib import Path

import pyarrow as pa
import torch

from largebatch.analysis.as_trained import denormals_as_before, execution_of
from largebatch.analysis.long_form import read_figure_table
from largebatch.analysis.measure.files import SCHEMA
from largebatch.analysis.measure.limits import limits
from largebatch.analysis.measure.measure import (
    chosen_runs,
    measure_runs,
    measure_variants,
    normalization_of,
)
from largebatch.analysis.measure.retrain import same_numbers
from largebatch.analysis.optimum import optimum
from largebatch.data.load import load_dataset
from largebatch.records import Artefact, glance
from largebatch.study import Run, Study, Sweep
from largebatch.training.device import choose
from largebatch.training.execution import Execution
from largebatch.training.pack import Lane


@denormals_as_before()
def measured_table(
    study: Study, figure: str, root: Path, device: str
) -> tuple[pa.Table, list[dict], dict]:
    """The table (`SCHEMA`), its inputs and facts for the record. device: auto, cpu or cuda.

    Reads the figure's table (for the optimum and the final metrics) and the data sets. facts:
    `reproduced`, of the runs trained again how many have the numbers of their files, how many have
    a file, and how many there are.
    """
    device, shown = choose(device), read_figure_table(study, figure, root)
    rows, inputs, same = [], [shown.as_input], []
    for sweep in (study.sweeps[name] for name in study.figure(figure).sweeps):
        task = study.tasks[sweep.task]
        file = f"results/data/{task.dataset}.safetensors"
        data = load_dataset(root / file, device)
        used = {"name": file, "table": data.digest}
        inputs += [] if used in inputs else [used]  # sweeps may share it
        best = optimum(_sweep_of(shown, sweep), study.figure(figure).metrics[-1])
        runs = chosen_runs(study, sweep, best)
        lanes = [Lane(study.spec(run)) for run in runs]
        execution = recorded_execution(runs, root, device)
        found = list(measure_runs(study, runs, lanes, data, device, execution))
        if normalization_of(task.model):
            for run in _first_of_each_rate(runs):
                found += measure_variants(study, run, data, device)
        rows += [*found, *limits(sweep, found), *_finals(shown, sweep)]
        same += [same_numbers(lane, root / r.path) for lane, r in zip(lanes, runs, strict=True)]
    compared = [verdict for verdict in same if verdict is not None]
    facts = {"reproduced": {"same": sum(compared), "of": len(compared), "trained": len(same)}}
    return pa.Table.from_pylist(rows, schema=SCHEMA), inputs, facts


def recorded_execution(runs: list[Run], root: Path, device: torch.device) -> Execution:
    """The execution of the first stored run trained on this kind of device; else the default."""
    facts = [glance(root / run.path)["facts"] for run in runs if (root / run.path).is_file()]
    here = (each for each in facts if str(each.get("device")).startswith(device.type))
    return execution_of(next(here, {}))


def _first_of_each_rate(runs: list[Run]) -> list[Run]:
    """The runs of the first optimizer (SGD) and the first seed, one per rate."""
    first = runs[0]
    return [r for r in runs if (r.optimizer, r.seed) == (first.optimizer, first.seed)]


def _sweep_of(shown: Artefact, sweep: Sweep) -> list[dict]:
    """The rows of the figure's panel `sweep` that belong to this sweep."""
    rows = shown.table.to_pylist()
    return [row for row in rows if (row["panel"], row["batch"]) == ("sweep", sweep.batch)]


def _finals(shown: Artefact, sweep: Sweep) -> list[dict]:
    """The final metrics as rows, so that the picture of the limits needs no other table."""
    return [
        {
            "quantity": f"final_{row['metric']}",
            "task": sweep.task,
            "batch": sweep.batch,
            "optimizer": row["optimizer"],
            "effective_lr": row["effective_lr"],
            "value": row["mean"],
        }
        for row in _sweep_of(shown, sweep)
    ]
