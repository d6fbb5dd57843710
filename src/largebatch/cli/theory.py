"""`largebatch theory`: the theory twins of a study, and the figures of the theory itself."""

import typer

from largebatch.cli.options import StudyName, chosen


def theory(study: StudyName = None) -> None:
    """Write results/<study>/theory/T1.* to T9.*, and results/theory/*: no data, no training.

    Prints the twins' optima. Example: largebatch theory --study paper
    """
    from largebatch.analysis.theory.planned import twinned
    from largebatch.analysis.theory.study_twins import optima, study_twin
    from largebatch.figures.plates.theory import write_exact, write_twins

    found = chosen(study)
    tables = {figure: study_twin(found, figure) for figure in twinned(found)}
    write_twins(found, tables)
    write_exact()
    typer.echo(optima(found, tables))
