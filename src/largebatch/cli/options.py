"""Options that several commands share."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from largebatch.errors import UserError
from largebatch.records import snapshot
from largebatch.study import Study, load_config, load_study

StudyName = Annotated[
    str | None,
    typer.Option("--study", help="A study in config/studies; default: that of config/config.yaml."),
]
Unfinished = Annotated[
    bool, typer.Option("--unfinished", help="Use the runs that exist, and say so on the figure.")
]

Enable = Annotated[
    list[str] | None,
    typer.Option(help="Switch on a group of sweeps that the study leaves off; may be repeated."),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"] | None,
    typer.Option(help="Where to compute; default: as config/config.yaml says."),
]
THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def chosen(study: str | None, enable: list[str] | None = None) -> Study:
    """The study that was named, or the configured one, with the groups that are switched on."""
    config = load_config()
    study = config["study"] if study is None else study
    configured = config["enable"] if study == config["study"] else []
    return load_study(study, enable=enable or configured)


def json_object(option: str, text: str, whole: str) -> dict:
    """The JSON object given to an option; `whole` says in a refusal what one looks like."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UserError(f"{option}: not a JSON object: {error}; {whole}.") from None
    if not isinstance(found, dict):
        raise UserError(f"{option}: not a JSON object; {whole}.")
    return found


def refuse(given: Mapping[str, object], where: str) -> None:
    """Refuse arguments that would be ignored, e.g. `with --pack`.

    given: their values by name; None, False or an empty list for those that were not given.
    """
    for name, value in given.items():
        if value not in (None, False, []):
            raise UserError(f"{name} has no effect {where}; leave it out.")


def one_thread() -> None:
    """Set one thread; call it before torch is imported.

    Only then are a run's bits the same everywhere, and packs fast.
    """
    for key, value in THREADS.items():
        os.environ.setdefault(key, value)


def note_code(*steps: str) -> None:
    """Note the code of these steps as it is now, for the records of what this process makes.

    Called before any of that code is imported, so that later edits, which this process does not
    run, are not recorded.
    """
    for step in steps:
        snapshot(step, Path("."))
