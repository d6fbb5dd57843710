"""The theory twin of each figure of a study: its grid, batch, momenta, epochs, N and schedule."""

import pyarrow as pa

from largebatch.analysis.theory.planned import examples, modelled, twin_name
from largebatch.analysis.theory.twin import optimum_of, twin_table
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
            modelled(sweep),
            examples(study, sweep),
            Schedule(task.settings["schedule"]).factors(task.epochs),
            curves=shown.kind == "sweep",
        )
        tables.append(table)
    return pa.concat_tables(tables)


def optima(study: Study, tables: dict[str, pa.Table]) -> str:
    """Lines of text: each twin's optimum by optimizer, beside what the paper states."""
    if not tables:
        needs = "data whose size the study file tells, and SGD or heavy ball"
        return f"{study.file}: no figure has a twin, which needs {needs}."
    first = max(len("twin"), *(len(twin_name(figure)) for figure in tables))
    second = max(len("figure"), *map(len, tables))
    head = f"{'twin':{first}}  {'figure':{second}}"
    lines = [f"{head}  batch  optimizer        optimum  stated by the paper"]
    for figure, table in tables.items():
        shown = study.figure(figure)
        stated = "-" if shown.paper_optimum is None else decimal(shown.paper_optimum)
        for sweep in (study.sweeps[name] for name in shown.sweeps):
            for name in modelled(sweep):
                best = optimum_of(table, name, sweep.batch)
                best = "none" if best is None else decimal(best)
                head = f"{twin_name(figure):{first}}  {figure:{second}}"
                lines.append(f"{head}  {sweep.batch:<5}  {name:15}  {best:7}  {stated}")
    return "\n".join(lines)
