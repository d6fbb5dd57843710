"""The tree as it is now: code, settings, lock; each is read once, however many records ask."""

from functools import cache, cached_property, partial
from pathlib import Path

from largebatch.audit.checkout.anchor_lines import read_anchors, read_committed_anchors
from largebatch.audit.checkout.commits import Commits
from largebatch.audit.checkout.differences import differences
from largebatch.audit.subjects.of_study import data_subject, run_subject, subjects
from largebatch.audit.subjects.subject import Subject
from largebatch.errors import UserError
from largebatch.records import code_digest, lock_digest
from largebatch.records.changed_code import changed_modules
from largebatch.records.code import PACKAGE
from largebatch.study import Study
from largebatch.study.plan import Plan


class Present:
    """The checkout `root` as it is, and what `study` says."""

    def __init__(self, study: Study, root: Path):
        self.study, self.root = study, Path(root)
        self._code = cache(self._read_code)

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """Everything in the study that can be audited by name, without runs and datasets."""
        return subjects(self.study, self.root)

    @cached_property
    def by_file(self) -> dict[str, Subject]:
        """The same by the names in records: that of the table, and the stem of pictures or page."""
        found = self.subjects.values()
        return {s.table: s for s in found if s.table} | {s.stem: s for s in found}

    @cached_property
    def makeable(self) -> set[str]:
        """The files that Snakemake can be asked for."""
        shown = {name for s in self.subjects.values() for name in (s.shown, s.table) if name}
        return shown | self.study.by_file.keys() | set(map(Plan.data, self.study.datasets))

    def find(self, name: str) -> Subject:
        """The subject, run or dataset of that name; UserError if there is none."""
        if name in self.subjects:
            return self.subjects[name]
        if name in self.study.datasets:
            return data_subject(self.study, name)
        if "/" in name:
            return run_subject(self.study, self.study.run(name))
        known = ", ".join(self.subjects)
        raise UserError(f"{self.study.file}: there is no figure '{name}'; it has {known}.")

    def subject_at(self, name: str) -> Subject:
        """The subject whose file or sidecar has this name in its record; UserError if none has."""
        if name in self.by_file:
            return self.by_file[name]
        if name in self.study.by_file:
            return run_subject(self.study, self.study.by_file[name])
        dataset = Path(name).stem
        if dataset in self.study.datasets and name == Plan.data(dataset):
            return data_subject(self.study, dataset)
        raise UserError(
            f"{name} is not an output of {self.study.file} now; `largebatch audit` lists those."
        )

    @cached_property
    def lock(self) -> str | None:
        """The digest of the lock file."""
        return lock_digest(self.root)

    @cached_property
    def commits(self) -> Commits:
        """The commits that records may name."""
        return Commits(self.root)

    @cached_property
    def anchors(self) -> dict[str, str]:
        """{`Subject.key`: digest} of `results/figures.lock`; UserError if it is malformed."""
        return read_anchors(self.root)

    @cached_property
    def committed_anchors(self) -> dict[str, str] | None:
        """The same in the last commit; None if git cannot read it."""
        return read_committed_anchors(self.root)

    def code(self, step: str, kind: str | None = None) -> dict:
        """The step's code in the checkout, or as installed where the checkout has no sources.

        With `kind`, only what a run of that kind of model depends on. Raises UserError as
        `code_digest` does.
        """
        return self._code(step, kind)

    def _read_code(self, step: str, kind: str | None) -> dict:
        source = self.root / "src" / PACKAGE.name
        return code_digest(step, source if source.is_dir() else PACKAGE, kind)

    def changed_code(self, step: str, record: dict) -> set[str]:
        """Modules of the record's step that have changed since; raises UserError as `code` does."""
        return changed_modules(step, record, partial(self.code, step))

    def is_current(self, step: str, record: dict) -> bool:
        """Whether the code that made the artefact is that of the tree, which may lack a module."""
        try:
            return not self.changed_code(step, record)
        except UserError:
            return False

    def differences(self, step: str, record: dict) -> list[str]:
        """`key: old -> new` for every setting of a record that is now another in the study."""
        return sorted(differences(record["settings"], self._settings(step, record["name"])))

    def _settings(self, step: str, name: str) -> dict | None:
        """The settings in the study now; None for an artefact that it no longer has."""
        if step == "train":
            return self.study.spec(self.study.by_file[name]) if name in self.study.by_file else None
        if step == "data":
            return self.study.datasets.get(Path(name).stem)
        return self.by_file[name].settings() if name in self.by_file else None
