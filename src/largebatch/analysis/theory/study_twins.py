"""The theory twin of each figure of a study: its grid, batch, momenta, epochs, N and schedule."""

import pyarrow as pa

from largebatch.analysis.text_table import text_table
from largebatch.analysis.theory.planned import modelled, twin_name, twin_settings
from largebatch.analysis.theory.twin import optimum_of, twin_table
from largebatch.study import Study, decimal


def study_twin(study: Study, figure: str) -> pa.Table:
    """The table of the twin of a figure that has one (`planned.twinned`)."""
    return twin_table(twin_settings(study, figure))


def optima(study: Study, tables: dict[str, pa.Table]) -> str:
    """Lines of text: each twin's optimum by optimizer, beside what the paper states."""
    if not tables:
        return (
            f"{study.file}: no figure has a twin; a twin needs data whose size the study file "
            "gives, and SGD or heavy ball in each sweep."
        )
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
