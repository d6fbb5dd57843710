"""A report as text for people."""

from collections.abc import Iterable, Iterator, Sequence

from largebatch.audit.finding import LINKS, Finding, Question, Verdict
from largebatch.audit.report import Report
from largebatch.audit.words import counted

SHOWN = 8  # findings of one link that are listed, unless all are asked for


def one_line(report: Report, width: int = 6) -> str:
    """The line that `audit` without a name prints for each subject; `width` is that of names."""
    name, title = report.subject.name, report.subject.title
    notes = counted(len(report.notes), "note") if report.notes else ""
    return _plain(f"{name:<{width}} {title:<46} {report.headline:<18} {notes}".rstrip())


def all_lines(reports: Sequence[Report]) -> str:
    """One line for each subject."""
    width = max(6, *(len(report.subject.name) for report in reports))
    return "\n".join(one_line(report, width) for report in reports)


def full_text(report: Report, everything: bool = False) -> str:
    """The three answers, the chain with a verdict at each link, notes and repair."""
    lines = [one_line(report), "", *_answers(report), ""]
    bad = [finding for finding in report.findings if finding.is_bad]
    shown = report.findings if everything or not bad else bad
    for link in LINKS:
        lines += _link(link, [f for f in shown if f.link == link], everything)
    good = counted(sum(f.verdict is Verdict.INTACT for f in report.findings), "line")
    if bad and not everything:
        lines.append(f"  everything else is as it should be ({good}; --all to list)")
    lines += _block("note", _note_lines(report.notes, everything))
    lines += _block("repair", report.repair)
    return "\n".join(map(_plain, lines)) + "\n"


def _plain(line: str) -> str:
    """The line as a terminal cannot but show it: a forged record might draw a verdict over ours."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _answers(report: Report) -> Iterator[str]:
    for question in Question:
        yield f"  {question.value + '?':<12} {report.answer(question)}"


def _link(link: str, findings: list[Finding], everything: bool) -> Iterator[str]:
    findings = [finding for finding in findings if finding.verdict is not Verdict.NOTE]
    label = link
    for finding in findings if everything else findings[:SHOWN]:
        yield f"  {label:<12} {finding.what:<44} {finding.word:<12} {finding.detail}".rstrip()
        if finding.culprit and finding.culprit not in (finding.what, *finding.remake):
            yield f"  {'':<12}   {finding.culprit}"
        label = ""
    if len(findings) > SHOWN and not everything:
        yield f"  {'':<12} and {len(findings) - SHOWN} more (--all to list)"


def _note_lines(notes: Iterable[Finding], everything: bool) -> Iterator[str]:
    for note in notes:
        hidden = note.each and not everything
        yield f"{note.what}{'; --all to list' if hidden else ''}"
        if everything:
            yield from (f"  {fact}" for fact in note.each)


def _block(label: str, texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number == 0:
            yield ""
        yield f"  {label if number == 0 else '':<12} {text}"
