"""Errors for files that cannot be used, with the command that makes them again."""

import os
from pathlib import Path

from largebatch.errors import UserError

OF_NO_STUDY = ("data", "theory")  # folders of results that are shared by all studies


class Refusal(UserError):
    """A file is missing or has changed; `reason` is the middle part of the message."""

    def __init__(self, path: Path, reason: str, repair: str):
        super().__init__(f"{path}: {reason}; {repair}.")
        self.reason = reason


def missing(path: Path) -> Refusal:
    """The refusal of a file of results that does not exist."""
    return Refusal(path, "it does not exist", f"make it with {remake(path)}")


def damaged(path: Path, reason: str) -> Refusal:
    """The refusal of a file of results that is not as it was written."""
    return Refusal(path, reason, f"delete it and run {remake(path)}")


def check_file(path: Path) -> None:
    """Refuse a pipe, a device or a folder, reading which may never end, and what cannot be opened.

    A file that does not exist is not refused.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise damaged(path, "it is not a regular file")
    try:
        open(path, "rb").close()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise Refusal(path, f"it cannot be opened ({error.strerror})", "see to that") from error


def check_name(path: Path, record: dict, name: str) -> None:
    """Refuse a file whose record has another name: it was copied or swapped into its place."""
    if (found := record.get("name")) != name:
        raise damaged(path, f"it belongs to {found}, but was put in the place of {name}")


def remake(path: Path | str, option: str = "") -> str:
    """The Snakemake call that makes this file of results, whichever study is configured."""
    _, results, inside = Path(path).as_posix().rpartition("results/")
    folder, _, below = inside.partition("/")
    of_study = results and below and folder not in OF_NO_STUDY
    words = ["snakemake", str(path), option, f"--config study={folder}" if of_study else ""]
    return f"`{' '.join(filter(None, words))}`"
