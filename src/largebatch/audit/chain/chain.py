"""The chain behind an output: pictures or page, their table, and its inputs down to the data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from largebatch.audit.checkout.present import Present
from largebatch.audit.evidence.evidence import Evidence
from largebatch.audit.evidence.reader import Reader
from largebatch.audit.finding import Finding
from largebatch.audit.subjects.subject import Subject
from largebatch.records import Sidecar
from largebatch.study import Study


@dataclass
class Chain:
    """What could be read of a subject's chain, and what was found while reading it.

    tables: the subject's own and those that it was made from. Tables, runs and data are by name.
    """

    subject: Subject
    reader: Reader
    sidecar: Sidecar | None = None
    tables: dict[str, Evidence] = field(default_factory=dict)
    runs: dict[str, Evidence] = field(default_factory=dict)
    data: dict[str, Evidence] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def present(self) -> Present:
        return self.reader.present

    @property
    def study(self) -> Study:
        return self.present.study

    @property
    def root(self) -> Path:
        return self.present.root

    @property
    def verified_sidecar(self) -> Sidecar:
        """The sidecar of a chain that has been found verified, as those of crates have."""
        if self.sidecar is None:
            raise ValueError(f"{self.subject.stem}.json is not verified: it could not be read")
        return self.sidecar

    @property
    def table(self) -> Evidence | None:
        """The subject's own table, if it has one that could be read."""
        return self.tables.get(self.subject.table) if self.subject.table else None

    @cached_property
    def records(self) -> dict[str, list[dict]]:
        """Every record that could be read, by the step it should be of, from data to sidecar.

        Like `all_records` it is put together once, so it must not be used before all is read.
        """
        found = [("data", data.record) for data in self.data.values()]
        found += [("train", run.record) for run in self.runs.values()]
        found += [(self.step_of(name), table.record) for name, table in self.upward()]
        found += [(self.subject.steps[1], self.sidecar.record)] if self.sidecar else []
        by_step: dict[str, list[dict]] = {}
        for step, record in found:
            by_step.setdefault(step, []).append(record)
        return by_step

    @cached_property
    def all_records(self) -> list[dict]:
        """The same records in one list."""
        return [record for records in self.records.values() for record in records]

    @property
    def groups(self) -> list[str]:
        """The groups of sweeps that are switched on."""
        sweeps = self.study.sweeps.values()
        return sorted({sweep.group for sweep in sweeps if sweep.group and sweep.enabled})

    @property
    def command(self) -> str:
        """The command that audits the subject, with the same groups of sweeps switched on."""
        enabled = "".join(f" --enable {group}" for group in self.groups)
        return f"largebatch audit {self.subject.name} --study {self.study.name}{enabled}"

    def upward(self) -> Iterable[tuple[str, Evidence]]:
        """The tables, each after those it was made from."""
        return reversed(self.tables.items())

    def file_of(self, record: dict) -> str:
        """The file to ask Snakemake for, so that the artefact of this record is made again."""
        return self.subject.shown if record["name"] == self.subject.stem else record["name"]

    def step_of(self, table: str) -> str:
        """The step that should have made a table."""
        subject = self.present.by_file.get(table)
        return subject.steps[0] if subject else self.tables[table].record["code"]["step"]
