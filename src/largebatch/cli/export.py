"""`largebatch export`: the runs of a study as one table, for R, pandas or a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import Enable, StudyName, chosen
from largebatch.errors import UserError


def export(
    file: Annotated[Path, typer.Argument(help="The file to write: *.csv or *.parquet.")],
    study: StudyName = None,
    enable: Enable = None,
) -> None:
    """Write all stored runs into one table, one row per run and epoch.

    docs/results.md explains the columns.

    Example: largebatch export demo.csv --study demo
    """
    import pyarrow.csv
    import pyarrow.parquet

    from largebatch.analysis.run_table import run_table
    from largebatch.records import replacing

    writers = {".csv": pyarrow.csv.write_csv, ".parquet": pyarrow.parquet.write_table}
    if file.suffix not in writers:
        raise UserError(f"{file}: tables are written as .csv or .parquet; choose such a name.")
    if not file.parent.is_dir():
        raise UserError(f"{file.parent}: there is no such folder; make it, or name another.")
    found = chosen(study, enable)
    table = run_table(found)
    with replacing(file) as temporary:
        writers[file.suffix](table, temporary)
    runs = table["epoch"].to_pylist().count(0)
    typer.echo(f"{file}: {runs} of {len(found.runs)} runs, {len(table)} rows")
