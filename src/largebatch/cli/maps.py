"""`largebatch maps`: what the stored runs say about batch sizes."""

import typer

from largebatch.cli.options import StudyName, chosen, note_code


def maps(study: StudyName = None) -> None:
    """Compare SGD and momentum over batch sizes, from existing runs.

    Writes results/<study>/maps/gap.*, heat.* and reach.*; prints what momentum gains, and how many
    updates it takes to reach the target.

    Example: largebatch maps --study demo
    """
    note_code("maps")
    from largebatch.figures.plates.maps import write_maps

    tables = write_maps(chosen(study))
    for row in tables["gap"].to_pylist():
        place = f"{row['task']} b{row['batch']} {row['metric']}"
        typer.echo(
            f"{place}: gain of {row['optimizer']} over SGD {row['mean']:.4g} (n = {row['n']})"
        )
    for row in tables["reach"].to_pylist():
        place = f"{row['task']} b{row['batch']} {row['optimizer']}"
        target = f"{row['metric']} {row['target']:.4g}"
        typer.echo(f"{place}: {row['mean']:.4g} {row['unit']} to {target}")
