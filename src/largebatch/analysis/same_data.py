"""Data sets by content, not age: one prepared again may be what a stored file was made from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from largebatch.data.load import read_dataset_digest, read_dataset_record
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import Refusal, glance, has_settings
from largebatch.study import Study
from largebatch.study.plan import Plan


@dataclass(frozen=True)
class Prepared:
    """The data sets of a study that are in `root` and need not be made again.

    code: digest of the data step. ancient: Snakemake's mark of a file whose age does not count.
    """

    study: Study
    code: str
    ancient: Callable[[str], str]
    root: Path = Path(".")

    def input(self, user: str, dataset: str) -> str:
        """The data set's file; its age counts unless `user`, a stored file, was made from it."""
        path = Plan.data(dataset)
        return self.ancient(path) if self._named(user, dataset) else path

    def _named(self, path: str, dataset: str) -> bool:
        """Does the record of a stored file name this data set's tensors? (Headers are read.)"""
        digest = self._digests[dataset]
        try:
            inputs = glance(self.root / path)["inputs"] if digest else ()
            return any(each["table"] == digest for each in inputs)
        except (Refusal, KeyError, TypeError):
            return False

    @cached_property
    def _digests(self) -> dict[str, str | None]:
        return {name: self._digest(name) for name in self.study.datasets}

    def _digest(self, name: str) -> str | None:
        """The digest of a data set that is up to date, else None.

        None if it is missing, damaged, of other settings or code, or older than the user's files
        behind it.
        """
        path, settings = self.root / Plan.data(name), self.study.datasets[name]
        try:
            written = path.stat().st_mtime
            record, digest = read_dataset_record(path), read_dataset_digest(path)
            own = [self.root / file for file in own_files(settings).values()]
            newest = max((file.stat().st_mtime for file in own if file.exists()), default=0)
        except (UserError, OSError):
            return None
        same = has_settings(record, settings) and record["code"]["digest"] == self.code
        return digest if same and newest <= written else None
