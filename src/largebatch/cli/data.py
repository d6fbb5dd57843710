"""`largebatch data`: one data set into tensors."""

import time
from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import StudyName, chosen
from largebatch.errors import UserError
from largebatch.study import load_config


def data(
    name: Annotated[str, typer.Argument(help="A data set of the study.")],
    study: StudyName = None,
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    downloads: Annotated[Path | None, typer.Option(help="Folder of downloaded files.")] = None,
) -> None:
    """Prepare a data set: results/data/<name>.safetensors.

    Example: largebatch data digits --study demo
    """
    found = chosen(study)
    if name not in found.datasets:
        known = ", ".join(found.datasets)
        raise UserError(f"{found.file}: datasets: there is no '{name}'; it has {known}.")
    prepare(name, found.datasets[name], out or Path(f"results/data/{name}.safetensors"), downloads)


def prepare(name: str, settings: dict, out: Path, downloads: Path | None) -> None:
    """Write the file with its record."""
    from largebatch.data.prepare import prepare as write
    from largebatch.records import make_record

    started = time.time()
    record = make_record(
        "data",
        str(out),
        inputs=[],
        step="data",
        settings=settings,
        started=started,
        finished=time.time(),
        status="finished",
        root=Path("."),
    )
    write(name, settings, downloads or Path(load_config()["downloads"]), out, record=record)
