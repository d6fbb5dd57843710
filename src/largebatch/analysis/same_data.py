"""Data sets by content, not age: one prepared again may be what a stored file was made from."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

from largebatch.data.load import read_dataset_digest, read_dataset_record
from largebatch.data.missing import check_obtainable
from largebatch.data.own import own_files
from largebatch.errors import UserError
from largebatch.records import Refusal, glance, has_settings
from largebatch.records.changed_code import Closure, changed_modules
from largebatch.study import Run, Study
from largebatch.study.plan import Plan


class State(Enum):
    """What is known of a prepared data set before it is made again."""

    CURRENT = "is as it would be made now"
    MISSING = "is missing"
    OTHER_CODE = "was prepared by other code"
    OTHER = "is damaged, of other settings, or older than the user's files behind it"


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
        dataset, record = self.study.tasks[run.task].dataset, self._glance(run.path)
        made_from_it = self._trained_as_now(run, record) and self._named(record, dataset)
        return self._file(dataset, run.path, made_from_it)

    def of_measured(self, user: str, dataset: str) -> str:
        """The file of a data set; its age counts unless `user`, a stored file, was made from it."""
        return self._file(dataset, user, self._named(self._glance(user), dataset))

    def of_itself(self, dataset: str) -> str:
        """The file of a data set, which is wanted for its own sake."""
        return self._file(dataset, Plan.data(dataset))

    def _file(self, dataset: str, user: str, made_from_it: bool = False) -> str:
        """The file of a data set; UserError if `user` is missing and it cannot be prepared."""
        check_obtainable(self.study, dataset, user, self.root)
        path = Plan.data(dataset)
        return self.ancient(path) if made_from_it else path

    def of_files(self, dataset: str, asked: Collection[str]) -> list[str]:
        """The user's own files behind a data set; their age counts if that exists.

        If it does not, it is made when a run needs it, not because these files are newer than runs.

        asked: Snakemake's targets. UserError if the data set is one and cannot be prepared.
        """
        if (path := Plan.data(dataset)) in asked:
            check_obtainable(self.study, dataset, path, self.root)
        files = [str(file) for file in own_files(self.study.dataset(dataset)).values()]
        is_missing = self._states[dataset] is State.MISSING
        return [self.ancient(file) for file in files] if is_missing else files

    def check_needed(self, runs: Iterable[Run]) -> None:
        """Refuse to train runs again only because their data are to be made, perhaps the same.

        Snakemake trains what uses a file that it makes. Raises UserError with what to do instead.
        """
        asked = ((self.study.tasks[run.task].dataset, run) for run in runs)
        doubtful = Counter(
            dataset
            for dataset, run in asked
            if self._states[dataset] in (State.MISSING, State.OTHER_CODE)
            and self._trained_as_now(run, self._glance(run.path))
        )
        if doubtful:
            dataset, count = next(iter(doubtful.items()))
            raise UserError(
                f"{Plan.data(dataset)}: stored runs ({count}) would be trained again only because "
                f"this {self._states[dataset].value}; run `snakemake data --config "
                f"study={self.study.name}` first, and they are if the data have changed."
            )

    def is_current(self, dataset: str) -> bool:
        """Is it as it would be made now?"""
        return self._states[dataset] is State.CURRENT

    def _glance(self, path: str) -> dict:
        """The record of a stored file; empty if there is none."""
        try:
            return glance(self.root / path)
        except Refusal:
            return {}

    def _trained_as_now(self, run: Run, record: dict) -> bool:
        """Was the run trained with today's settings and code?"""
        try:
            same = has_settings(record, self.study.spec(run))
            return same and not changed_modules("train", record, self.training)
        except (KeyError, TypeError, AttributeError):  # a forged record, or none
            return False

    def _named(self, record: dict, dataset: str) -> bool:
        """Does the record name this data set's tensors? (Headers are read.)"""
        digest = self._digests.get(dataset)
        try:
            return bool(digest) and any(each["table"] == digest for each in record["inputs"])
        except (KeyError, TypeError):
            return False

    @cached_property
    def _digests(self) -> dict[str, str]:
        """Data set -> the digest of its tensors, of those that are as they would be made now."""
        current = filter(self.is_current, self._states)
        return {name: read_dataset_digest(self.root / Plan.data(name)) for name in current}

    @cached_property
    def _states(self) -> dict[str, State]:
        return {name: self._state(name) for name in self.study.datasets}

    def _state(self, name: str) -> State:
        path, settings = self.root / Plan.data(name), self.study.datasets[name]
        if not path.exists():
            return State.MISSING
        try:
            written, record = path.stat().st_mtime, read_dataset_record(path)
            own = [self.root / file for file in own_files(settings).values()]
            newest = max((file.stat().st_mtime for file in own if file.exists()), default=0)
            if not has_settings(record, settings) or newest > written:
                return State.OTHER
            return State.CURRENT if record["code"]["digest"] == self.code else State.OTHER_CODE
        except (UserError, OSError, KeyError, TypeError):  # damaged, or a forged record
            return State.OTHER
