"""The answers about one subject, and the commands that repair what is wrong."""

from dataclasses import asdict, dataclass
from functools import cached_property

from largebatch.audit.finding import EXIT_CODES, HEADLINES, Finding, Question, Verdict
from largebatch.audit.subject import Subject

GRAVITY = list(Verdict)
FEW = 4  # so many files are named even if they are all of a kind
TRAIN_RULE = "train"


@dataclass(frozen=True)
class Report:
    """All that was found about one subject of one study."""

    study: str
    subject: Subject
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict among the findings."""
        return max((finding.verdict for finding in self.findings), key=GRAVITY.index)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 stale, 2 tampered or missing."""
        return EXIT_CODES[self.verdict]

    @property
    def headline(self) -> str:
        """`VERIFIED`, or every bad verdict there is, the gravest first."""
        found = {finding.verdict for finding in self.findings}
        return ", ".join(word for verdict, word in HEADLINES.items() if verdict in found) or (
            "VERIFIED"
        )

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.verdict is Verdict.NOTE]

    def answer(self, question: Question) -> str:
        """`yes`, `no`, or `not checked`."""
        verdicts = [f.verdict for f in self.findings if f.question is question]
        if any(EXIT_CODES[verdict] for verdict in verdicts):
            return "no"
        return "yes" if Verdict.INTACT in verdicts else "not checked"

    @cached_property
    def repair(self) -> list[str]:
        """The commands that make it good again, in order."""
        commands = list(dict.fromkeys(f.repair for f in self.findings if f.repair))
        remake = list(dict.fromkeys(name for f in self.findings for name in f.remake))
        if not remake:
            return commands
        data = [name for name in remake if name.startswith("results/data/")]
        rest = [name for name in remake if name not in data]
        study = f"--config study={self.study}"
        again = [f"snakemake {' '.join(data)} --force {study}"] if data else []
        forced = f" --forcerun {' '.join(self._short(rest))}" if rest else ""
        made = f"snakemake {self.subject.target}{forced} {study}"
        return [*again, *([made] if forced or self.subject.shows else []), *commands]

    def _short(self, names: list[str]) -> list[str]:
        """The files to be made again; the rule's name instead, where that means the same runs."""
        runs = [name for name in names if "/runs/" in name]
        others = [name for name in names if "/runs/" not in name]
        every = FEW < len(runs) == len(list(self.subject.runs()))
        return [*([TRAIN_RULE] if every else runs), *others]

    def to_dict(self) -> dict:
        """The same facts for `--json`."""
        return {
            "study": self.study,
            "name": self.subject.name,
            "title": self.subject.title,
            "verdict": self.headline,
            "exit_code": self.exit_code,
            **{question.value: self.answer(question) for question in Question},
            "findings": [asdict(finding) for finding in self.findings],
            "repair": self.repair,
        }
