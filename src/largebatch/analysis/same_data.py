"""Data sets by content, not age: one prepared again may be what a stored file was made from."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from largebatch.data.load import read_dataset_digest, read_dataset_record
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import Refusal, glance, has_settings
from largebatch.records.changed_code import Closure, changed_modules
from largebatch.study import Run, Study
from largebatch.study.plan import Plan


@dataclass(frozen=True)
class Prepared:
    """The data sets of a study that are in `root` and need not be made again.

    code: digest of the data step. training: the code that trains a kind of model. ancient:
    Snakemake's mark of a file whose age does not count.
    """

    study: Study
    code: str
    training: Closure
    ancient: Callable[[str], str]
    root: Path = Path(".")

    def of_run(self, run: Run) -> str:
        """The file of the run's data set; its age counts unless the run was made from it.

        The age counts, too, if the run has other settings or code: in a clone, Snakemake knows of
        no run what it was made with.
        """
        dataset = self.study.tasks[run.task].dataset
        path, record = Plan.data(dataset), self._glance(run.path)
        made_from_it = self._is_current(run, record) and self._named(record, dataset)
        return self.ancient(path) if made_from_it else path

    def of_measured(self, user: str, dataset: str) -> str:
        """The file of a data set; its age counts unless `user`, a stored file, was made from it."""
        path = Plan.data(dataset)
        return self.ancient(path) if self._named(self._glance(user), dataset) else path

    def of_files(self, dataset: str) -> list[str]:
        """The user's own files behind a data set; their age counts if that exists.

        If it does not, it is made when a run needs it, not because these files are newer than runs.
        """
        files = [str(file) for file in own_files(self.study.dataset(dataset)).values()]
        return files if self._is_there(dataset) else [self.ancient(file) for file in files]

    def check_needed(self, runs: Iterable[Run]) -> None:
        """Refuse to train runs again only because their data are not there to tell what they are.

        Snakemake trains what uses a file that it makes. Raises UserError with what to do instead.
        """
        asked = ((self.study.tasks[run.task].dataset, run) for run in runs)
        absent = Counter(
            Plan.data(dataset)
            for dataset, run in asked
            if not self._is_there(dataset) and self._is_current(run, self._glance(run.path))
        )
        if absent:
            file, count = next(iter(absent.items()))
            raise UserError(
                f"{file}: stored runs ({count}) would be trained again only because this is "
                f"missing; run `snakemake data --config study={self.study.name}` first."
            )

    def _is_there(self, dataset: str) -> bool:
        return (self.root / Plan.data(dataset)).exists()

    def _glance(self, path: str) -> dict:
        """The record of a stored file; empty if there is none."""
        try:
            return glance(self.root / path)
        except Refusal:
            return {}

    def _is_current(self, run: Run, record: dict) -> bool:
        """Was the run trained with today's settings and code?"""
        try:
            same = has_settings(record, self.study.spec(run))
            return same and not changed_modules("train", record, self.training)
        except (KeyError, TypeError, AttributeError):  # a forged record, or none
            return False

    def _named(self, record: dict, dataset: str) -> bool:
        """Does the record name this data set's tensors? (Headers are read.)"""
        digest = self._digests[dataset]
        try:
            return bool(digest) and any(each["table"] == digest for each in record["inputs"])
        except (KeyError, TypeError):
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
