"""The answers about one subject, and the commands that repair what is wrong."""

from dataclasses import asdict, dataclass
from functools import cached_property

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.audit.subjects.subject import Subject, is_data, is_run

GRAVITY = list(Verdict)
FEW = 4  # up to so many files are named one by one
TRAIN_RULE = "train"


@dataclass(frozen=True)
class Report:
    """All that was found about one subject of one study."""

    chain: Chain
    findings: tuple[Finding, ...]

    @property
    def subject(self) -> Subject:
        return self.chain.subject

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict among the findings."""
        return max((finding.verdict for finding in self.findings), key=GRAVITY.index)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 stale, 2 tampered or missing."""
        return self.verdict.exit_code

    @property
    def headline(self) -> str:
        """`VERIFIED`, or all bad verdicts, the gravest first."""
        found = {finding.verdict for finding in self.findings if finding.is_bad}
        gravest_first = sorted(found, key=GRAVITY.index, reverse=True)
        return ", ".join(gravest_first) or "VERIFIED"

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.verdict is Verdict.NOTE]

    def answer(self, question: Question) -> str:
        """`yes`, `no`, or `not checked`."""
        found = [finding for finding in self.findings if finding.question is question]
        if any(finding.is_bad for finding in found):
            return "no"
        return "yes" if any(f.verdict is Verdict.INTACT for f in found) else "not checked"

    @cached_property
    def repair(self) -> list[str]:
        """The commands that repair what is wrong, in order, each short enough to read."""
        commands = list(dict.fromkeys(f.repair for f in self.findings if f.repair))
        data = [name for name in self._all_remade if is_data(name)]
        study = f"--config study={self.chain.study.name}"
        if self.chain.groups:
            study += f" 'enable=[{','.join(self.chain.groups)}]'"
        again = [f"snakemake {' '.join(data)} --force {study}"] if data else []
        forced = f" --forcerun {self._forced}" if self.remake else ""
        made = f"snakemake {self.subject.target}{forced} {study}"
        makes = forced or (data and self.subject.shows)
        return [*again, *([made] if makes else []), *commands]

    @property
    def remake(self) -> list[str]:
        """The files to make again, except datasets, which are made before them."""
        return [name for name in self._all_remade if not is_data(name)]

    @cached_property
    def _all_remade(self) -> list[str]:
        named = dict.fromkeys(name for f in self.findings for name in f.remake)
        known = self.chain.present.makeable  # a forged record may name anything, even a command
        return [name for name in named if name in known]

    @property
    def _forced(self) -> str:
        """What to force: the files, with the rule's name if it means the same runs.

        If that is a long list, a command that prints the files.
        """
        runs = [name for name in self.remake if is_run(name)]
        every = FEW < len(runs) == len(list(self.subject.runs()))
        others = [name for name in self.remake if not is_run(name)]
        words = [TRAIN_RULE, *others] if every else self.remake
        if len(words) <= FEW:
            return " ".join(words)
        return f"$({self.chain.command} --remake)"

    def to_dict(self) -> dict:
        """The same facts for `--json`."""
        return {
            "study": self.chain.study.name,
            "name": self.subject.name,
            "title": self.subject.title,
            "verdict": self.headline,
            "exit_code": self.exit_code,
            **{question.value: self.answer(question) for question in Question},
            "findings": [asdict(finding) for finding in self.findings],
            "repair": self.repair,
        }
