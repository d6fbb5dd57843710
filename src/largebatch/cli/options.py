"""Options that several commands share."""

from typing import Annotated

import typer

from largebatch.study import Study, load_config, load_study

StudyName = Annotated[
    str | None,
    typer.Option("--study", help="A study of config/studies; default: that of config/config.yaml."),
]
Unfinished = Annotated[
    bool, typer.Option("--unfinished", help="Use the runs that exist, and say so on the figure.")
]


def chosen(study: str | None) -> Study:
    """The study that was named, or the configured one."""
    return load_study(study or load_config()["study"])
