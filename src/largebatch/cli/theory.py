"""`largebatch theory`: the theory twins of a study, and the figures of the theory itself."""

from typing import Annotated

import typer

from largebatch.analysis.theory.planned import general_files
from largebatch.cli.options import StudyName, chosen, note_code, refuse
from largebatch.study import load_config

General = Annotated[
    bool, typer.Option("--general", help="Draw the theory's own figures, which belong to no study.")
]


def theory(study: StudyName = None, general: General = False) -> None:
    """Draw the theory twin of each figure, without data or training.

    Writes results/<study>/theory/T1.* to T9.* and prints the twins' optima. With --general, writes
    results/theory/* instead and prints the names of these files.

    Example: largebatch theory --study paper
    """
    if general:
        refuse({"--study": study}, "with --general")
        load_config()  # as all commands do, which refuses to work outside the repository's root
    note_code("theory" if general else "twins")
    from largebatch.analysis.theory.study_twins import optima
    from largebatch.figures.plates.theory import write_general
    from largebatch.figures.plates.twins import write_twins

    if general:
        write_general()
        typer.echo("\n".join(general_files()))
        return
    found = chosen(study)
    typer.echo(optima(found, write_twins(found)))
