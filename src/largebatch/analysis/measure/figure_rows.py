"""Everything that is measured for one figure, as one table."""

import pyarrow as pa

from largebatch.analysis.as_trained import denormals_as_before
from largebatch.analysis.long_form import read_figure_table
from largebatch.analysis.measure.files import SCHEMA
from largebatch.analysis.measure.limits import limits
from largebatch.analysis.measure.measurer import Measurer
from largebatch.analysis.optimum import optimum
from largebatch.records import Artefact
from largebatch.study import Sweep
from largebatch.study.plan import Plan


@denormals_as_before()
def measured_table(measurer: Measurer, figure: str) -> tuple[pa.Table, list[dict], dict]:
    """The table (`SCHEMA`), its inputs and facts for the record.

    Reads the figure's table (for the optimum and the final metrics) and the data sets. facts:
    `reproduced`, of the runs trained again how many have the numbers of their files, how many have
    a file, and how many there are.
    """
    study = measurer.study
    shown = read_figure_table(study, figure, measurer.root)
    rows, inputs, same = [], [shown.as_input], []
    for sweep in (study.sweeps[name] for name in study.figure(figure).sweeps):
        name = Plan.data(study.tasks[sweep.task].dataset)
        used = {"name": name, "table": measurer.data(sweep).digest}
        inputs += [] if used in inputs else [used]  # sweeps may share it
        best = optimum(_sweep_of(shown, sweep), study.figure(figure).metrics[-1])
        found, verdicts = measurer.measure(sweep, best)
        rows += [*found, *limits(sweep, found), *_finals(shown, sweep)]
        same += verdicts
    compared = [verdict for verdict in same if verdict is not None]
    facts = {"reproduced": {"same": sum(compared), "of": len(compared), "trained": len(same)}}
    return pa.Table.from_pylist(rows, schema=SCHEMA), inputs, facts


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
