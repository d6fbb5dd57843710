"""The theory twin of each figure of a study: its grid, batch, momenta, epochs, N and schedule."""

import pyarrow as pa

from largebatch.analysis.theory.planned import examples, momenta, twin_name
from largebatch.analysis.theory.twin import optimizer_name, optimum, twin_table
from largebatch.study import Schedule, Study, decimal


def study_twin(study: Study, figure: str) -> pa.Table:
    """The twin's table, with the columns of the figure's own; nothing is fitted (h_max = 1)."""
    shown = study.figure(figure)
    tables = []
    for sweep in (study.sweeps[name] for name in shown.sweeps):
        task = study.tasks[sweep.task]
        table = twin_table(
            sorted(sweep.effective_lrs),
            sweep.batch,
            momenta(sweep),
            examples(study, sweep),
            Schedule(task.settings["schedule"]).factors(task.epochs),
            curves=shown.kind == "sweep",
        )
        tables.append(table)
    return pa.concat_tables(tables)


def optima(study: Study, tables: dict[str, pa.Table]) -> str:
    """Lines of text: each twin's optimum by optimizer, beside what the paper states."""
    lines = ["twin  figure  batch  optimizer        optimum  stated by the paper"]
    for figure, table in tables.items():
        shown = study.figure(figure)
        stated = "-" if shown.paper_optimum is None else decimal(shown.paper_optimum)
        for sweep in (study.sweeps[name] for name in shown.sweeps):
            for name in map(optimizer_name, momenta(sweep)):
                best = decimal(optimum(table, name, sweep.batch))
                words = f"{twin_name(figure):4}  {figure:6}  {sweep.batch:<5}  {name:15}  "
                lines.append(f"{words}{best:7}  {stated}")
    return "\n".join(lines)
