"""The theory twin of each figure of a study: its grid, batch, momenta, epochs, N and schedule."""

import pyarrow as pa

from largebatch.analysis.text_table import text_table
from largebatch.analysis.theory.planned import examples, last_batch, modelled, twin_name
from largebatch.analysis.theory.twin import optimum_of, twin_table
from largebatch.errors import UserError
from largebatch.study import Schedule, Study, decimal

NEEDS = "data whose size the study file gives, and SGD or heavy ball in each sweep"


def study_twin(study: Study, figure: str) -> pa.Table:
    """The twin's table, with the columns of the figure's table; nothing is fitted (h_max = 1).

    Raises UserError if the study file does not tell the size of the data.
    """
    shown = study.figure(figure)
    tables = []
    for sweep in (study.sweeps[name] for name in shown.sweeps):
        task, size = study.tasks[sweep.task], examples(study, sweep)
        if size is None:
            raise UserError(f"{study.file}: {figure} has no twin; a twin needs {NEEDS}.")
        table = twin_table(
            sorted(sweep.effective_lrs),
            sweep.batch,
            modelled(sweep),
            size,
            Schedule(task.settings["schedule"]).factors(task.epochs),
            last_batch=last_batch(task),
            curves=shown.kind == "sweep",
        )
        tables.append(table)
    return pa.concat_tables(tables)


def optima(study: Study, tables: dict[str, pa.Table]) -> str:
    """Lines of text: each twin's optimum by optimizer, beside what the paper states."""
    if not tables:
        return f"{study.file}: no figure has a twin; a twin needs {NEEDS}."
    header = ("twin", "figure", "batch", "optimizer", "optimum", "stated by the paper")
    rows = []
    for figure, table in tables.items():
        shown = study.figure(figure)
        for sweep in (study.sweeps[name] for name in shown.sweeps):
            for name in modelled(sweep):
                best = _words(optimum_of(table, name, sweep.batch), "none")
                stated = _words(shown.paper_optimum, "-")
                rows.append((twin_name(figure), figure, str(sweep.batch), name, best, stated))
    return "\n".join(text_table(header, rows))


def _words(lr: float | None, missing: str) -> str:
    return missing if lr is None else decimal(lr)
