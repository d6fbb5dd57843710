"""Which of the user's own files are missing, and what cannot be made for want of them."""

from collections.abc import Iterator
from pathlib import Path

from largebatch.data.amount import prepared_amount
from largebatch.data.own import file_fault, own_files
from largebatch.errors import UserError
from largebatch.study import Study


def missing_files(study: Study, dataset: str, root: Path = Path(".")) -> Iterator[str]:
    """A sentence without full stop for each file of the data set that is none."""
    for split, path in own_files(study.dataset(dataset)).items():
        if fault := file_fault(path, root):
            yield f"{study.file}: datasets.{dataset}.{split}: {fault}"


def check_obtainable(study: Study, dataset: str, user: str, root: Path = Path(".")) -> None:
    """Raise UserError if the file `user` needs a data set that cannot be prepared.

    A `user` that exists does not need it: Snakemake then leaves it as it is.
    """
    sentence = next(missing_files(study, dataset, root), None)
    if sentence and not (root / user).exists() and not prepared_amount(study, dataset, root):
        raise UserError(f"{sentence}.")
