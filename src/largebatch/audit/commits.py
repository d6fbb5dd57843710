"""Does the commit that a record names hold the code that ran?

git can be made not to see an edit (`update-index --assume-unchanged`, `.git/info/exclude`), and a
record's "clean" is only what git said. The code digest is of the files that ran, so the commit's
own files must give it too.
"""

from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict


def commit_findings(chain: Chain) -> list[Finding]:
    """One finding a commit and step that is not what it should be.

    Only of records that say clean, and whose code is the one in the tree: the rules by which code
    is digested are those of today. Other records are stale already.
    """
    claimed = [(step, record) for step, records in chain.records.items() for record in records]
    names: dict[tuple[str, str], list[str]] = {}
    for step, record in claimed:
        git = record.get("git", {})
        if "commit" in git and not git.get("dirty") and _is_current(chain, step, record):
            names.setdefault((git["commit"], step), []).append(chain.file_of(record))
    found = [f for (commit, step), made in names.items() for f in _step(chain, commit, step, made)]
    return [*found, *_unknown(chain, claimed)]


def _is_current(chain: Chain, step: str, record: dict) -> bool:
    return record["code"]["digest"] == chain.present.code_or_none(step)


def _step(chain: Chain, commit: str, step: str, made: list[str]) -> Iterator[Finding]:
    held = chain.present.commits.code(commit, step)
    if held is None or held == chain.present.code_or_none(step):
        return
    detail = f"{len(made)} say that they are of this commit, which holds other code"
    what = f"{commit[:7]} {step}"
    yield Finding("git", Question.INTACT, Verdict.CHANGED, what, detail, what, tuple(made))


def _unknown(chain: Chain, claimed: list[tuple[str, dict]]) -> Iterator[Finding]:
    counts = Counter(record["git"]["commit"] for _, record in claimed if "git" in record)
    for commit, count in counts.items():
        if chain.present.commits.lacks(commit):
            words = f"{count} artefacts name commit {commit[:7]}, which is not in this repository"
            yield Finding("git", Question.INTACT, Verdict.NOTE, words)
