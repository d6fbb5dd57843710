"""The command line in this process, and the study that its tests ask about."""

from checkout import PROJECT
from typer.testing import CliRunner

from largebatch.cli.app import app
from largebatch.study import load_study

DEMO = load_study("demo", PROJECT)


def said(*arguments: str, code: int = 0) -> str:
    """Output and errors; fails unless the exit code is `code`."""
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.exception
    return done.output
