"""The user's own files: which file holds which split."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from largebatch.errors import UserError

Content = TypeVar("Content")

SPLITS = {"parquet-images": ("train", "test"), "text": ("train", "valid", "test")}


def own_files(settings: dict) -> dict[str, Path]:
    """Split -> file for a dataset of the user's own, {} for every other source.

    Nothing is opened, so that a workflow can name these files as inputs. `valid` is optional.
    """
    source = settings["source"]
    files = {split: settings[split] for split in SPLITS.get(source, ()) if split in settings}
    if source in SPLITS and not {"train", "test"} <= set(files):
        raise UserError(f"a dataset of source {source} needs train and test: name both files.")
    return {split: Path(file) for split, file in files.items()}


def file_fault(path: Path, root: Path = Path(".")) -> str | None:
    """Why this can be no file of the user's; None if it may be one."""
    if (root / path).is_dir():
        return f"{path} is a folder; name a file in it"
    if (root / path).exists():
        return None
    return f"there is no file {path}; put it there, or correct its name"


def read_own(settings: dict, read: Callable[[Path], Content]) -> dict[str, Content]:
    """What `read` makes of each file, by split. The UserErrors begin with the split, its key."""
    contents = {}
    for split, path in own_files(settings).items():
        try:
            if fault := file_fault(path):
                raise UserError(f"{fault}.")
            contents[split] = read(path)
        except UserError as error:
            raise UserError(f"{split}: {error}") from error
        except PermissionError as error:
            raise UserError(f"{split}: {path} may not be read: change its permissions.") from error
    return contents
