"""What follows --config and --configfile on Snakemake's command line."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from largebatch.errors import UserError

BOOLEANS = {"true": True, "false": False}


def check_configfiles(words: Sequence[str]) -> None:
    """Refuse a --configfile that is not there, which Snakemake would answer with a traceback.

    words: the command line. Snakemake takes all words up to the next option for files.
    """
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="*", default=[], type=Path)
    for file in parser.parse_known_args(words)[0].configfile:
        if not file.is_file():
            raise UserError(
                f"--configfile: there is no file {file}; correct its name, or put targets first."
            )


def typed(config: dict) -> dict:
    """`config` with the texts true and false as booleans; Snakemake knows only True and False.

    Refuses a text as `enable`, which is a list: it says how a shell passes one on.
    """
    if isinstance(given := config.get("enable"), str):
        raise UserError(
            f"config/config.yaml or --config: enable: give it a list, not '{given}'; on a command "
            f"line enable='[{given}]', with the quotes."
        )
    return {key: _typed(value) for key, value in config.items()}


def _typed(value: object) -> object:
    return BOOLEANS.get(value, value) if isinstance(value, str) else value
