"""Does the commit that a record names, with the patch that it names, hold the code that ran?

git can be made not to see an edit (`update-index --assume-unchanged`, `.git/info/exclude`), and a
record's "clean" is only what git said. The code digest is of the files that ran, so the commit's
own files, changed as the patch says, must give it too.
"""

from collections import Counter
from collections.abc import Iterator

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict


def commit_findings(chain: Chain) -> list[Finding]:
    """One finding a commit, patch and step that is not what it should be.

    Only of records whose code is the one in the tree: the rules by which code is digested are
    those of today. Other records are stale already.
    """
    claimed = [(step, record) for step, records in chain.records.items() for record in records]
    names: dict[tuple[str, str | None, str], list[str]] = {}
    for step, record in claimed:
        git = record.get("git", {})
        patch = git.get("patch") if git.get("dirty") else None
        sure = patch or not git.get("dirty")
        if "commit" in git and sure and _is_current(chain, step, record):
            names.setdefault((git["commit"], patch, step), []).append(chain.file_of(record))
    found = [each for key, made in names.items() for each in _step(chain, *key, made)]
    return [*found, *_misfits(chain, names), *_unknown(chain, claimed)]


def _is_current(chain: Chain, step: str, record: dict) -> bool:
    return record["code"]["digest"] == chain.present.code_or_none(step)


def _step(
    chain: Chain, commit: str, patch: str | None, step: str, made: list[str]
) -> Iterator[Finding]:
    held = chain.present.commits.code(commit, step, patch)
    if held is None or held == chain.present.code_or_none(step):
        return
    of = f"{commit[:7]} and patch {patch[:7]}, which give" if patch else "this commit, which holds"
    detail = f"{len(made)} say that they are of {of} other code"
    what = f"{commit[:7]} {step}"
    yield Finding("git", Question.INTACT, Verdict.CHANGED, what, detail, what, tuple(made))


def _misfits(
    chain: Chain, names: dict[tuple[str, str | None, str], list[str]]
) -> Iterator[Finding]:
    counts: Counter[tuple[str, str]] = Counter()
    for (commit, patch, _), made in names.items():
        if patch:
            counts[commit, patch] += len(made)
    for (commit, patch), count in counts.items():
        if chain.present.commits.rejects(commit, patch):
            words = f"the patch {patch[:7]} of {count} artefacts cannot be applied to {commit[:7]}"
            yield Finding("git", Question.INTACT, Verdict.NOTE, words)


def _unknown(chain: Chain, claimed: list[tuple[str, dict]]) -> Iterator[Finding]:
    counts = Counter(record["git"]["commit"] for _, record in claimed if "git" in record)
    for commit, count in counts.items():
        if chain.present.commits.lacks(commit):
            words = f"{count} artefacts name commit {commit[:7]}, which is not in this repository"
            yield Finding("git", Question.INTACT, Verdict.NOTE, words)
