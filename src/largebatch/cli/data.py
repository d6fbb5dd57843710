"""`largebatch data`: prepares one data set as tensors."""

import sys
import time
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from largebatch.cli.options import StudyName, chosen, json_object, note_code, refuse
from largebatch.study import check_dataset, load_config
from largebatch.study.plan import Plan

WHOLE = """write e.g. '{"source": "digits", "test_examples": 360}'"""


def data(
    name: Annotated[str, typer.Argument(help="A data set of the study.")],
    study: StudyName = None,
    settings: Annotated[
        str | None, typer.Option(help="Settings as JSON, instead of the study's.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    downloads: Annotated[Path | None, typer.Option(help="The folder of downloaded files.")] = None,
) -> None:
    """Prepare a data set: results/data/<name>.safetensors.

    Example: largebatch data digits --study demo
    """
    if settings is None:
        known = chosen(study).dataset(name)
    else:
        refuse({"--study": study}, "with --settings")
        known = json_object("--settings", settings, WHOLE)
        check_dataset(known, "--settings")
    out = out or Path(Plan.data(name))
    note_code("data")
    from largebatch.data.prepare import prepare
    from largebatch.records import make_record

    record = partial(
        make_record,
        "data",
        str(out),
        inputs=[],
        step="data",
        settings=known,
        started=time.time(),
        root=Path("."),
    )
    raw = downloads or Path(load_config()["downloads"])
    with redirect_stderr(sys.stdout):  # progress bars; the workflow sends errors to a log instead
        prepare(name, known, raw, out, progress=sys.stdout.isatty(), record=record)
