"""`largebatch theory`: the theory twins of a study, and the figures of the theory itself."""

from typing import Annotated

import typer

from largebatch.cli.options import StudyName, chosen, note_code, refuse

General = Annotated[
    bool, typer.Option("--general", help="Draw the theory's own figures, which belong to no study.")
]


def theory(study: StudyName = None, general: General = False) -> None:
    """Draw the theory twin of each figure, without data or training.

    Writes results/<study>/theory/T1.* to T9.* and prints the twins' optima. With --general, writes
    results/theory/* instead.

    Example: largebatch theory --study paper
    """
    if general:
        refuse({"--study": study}, "with --general")
    note_code("theory" if general else "twins")
    from largebatch.analysis.theory.study_twins import optima
    from largebatch.figures.plates.theory import write_general
    from largebatch.figures.plates.twins import write_twins

    if general:
        write_general()
        return
    found = chosen(study)
    typer.echo(optima(found, write_twins(found)))
