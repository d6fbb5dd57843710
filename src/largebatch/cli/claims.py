"""`largebatch claims`: the paper's statements, decided from the runs that exist."""

import typer

from largebatch.cli.options import Enable, StudyName, chosen, note_code


def claims(study: StudyName = None, enable: Enable = None) -> None:
    """Decide every statement of the paper from the runs that exist.

    Writes results/<study>/claims.parquet, .md and .json.

    Example: largebatch claims --study demo
    """
    note_code("claims")
    from largebatch.analysis.claims.write import write_claims

    for path in write_claims(chosen(study, enable)).values():
        typer.echo(path)
