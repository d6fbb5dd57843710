"""Does the commit that a record names, with the patch that it names, hold the code that ran?

git can be made not to see an edit (`update-index --assume-unchanged`, `.git/info/exclude`), and a
record's "clean" is only what git said. The code digest is of the files that ran, so the commit's
own files, changed as the patch says, must give it too.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from largebatch.audit.chain import Chain
from largebatch.audit.finding import Finding, Question, Verdict, counted, summed_up
from largebatch.errors import UserError

Key = tuple[str, str | None, str]  # commit, patch, step
HOLDS = "this commit, which holds"


def commit_findings(chain: Chain) -> list[Finding]:
    """One finding a commit, patch and step that is not what it should be.

    Only of records whose code is the one in the tree: the rules by which code is digested are
    those of today. Other records are stale already.
    """
    claimed = [(step, record) for step, records in chain.records.items() for record in records]
    made: dict[Key, list[dict]] = {}
    for step, record in claimed:
        git = record.get("git", {})
        patch = git.get("patch") if git.get("dirty") else None
        sure = patch or not git.get("dirty")
        if "commit" in git and sure and _is_current(chain, step, record):
            made.setdefault((git["commit"], patch, step), []).append(record)
    found = [each for key, records in made.items() for each in _step(chain, *key, records)]
    return [*found, *_misfits(chain, made), *_unknown(chain, claimed)]


def _is_current(chain: Chain, step: str, record: dict) -> bool:
    try:
        return not chain.present.changed_code(step, record)
    except UserError:
        return False


def _step(
    chain: Chain, commit: str, patch: str | None, step: str, records: list[dict]
) -> Iterator[Finding]:
    differing = partial(chain.present.commits.differing, commit, patch, step)
    other = {chain.file_of(record): found for record in records if (found := differing(record))}
    if other:
        said = f"{commit[:7]} and patch {patch[:7]}, which give" if patch else HOLDS
        modules = summed_up(sorted(frozenset.union(*other.values())))
        detail = f"{len(other)} say that they are of {said} no such {modules}"
        what = f"{commit[:7]} {step}"
        yield Finding("git", Question.INTACT, Verdict.CHANGED, what, detail, what, tuple(other))


def _misfits(chain: Chain, made: dict[Key, list[dict]]) -> Iterator[Finding]:
    counts: Counter[tuple[str, str]] = Counter()
    for (commit, patch, _), records in made.items():
        if patch:
            counts[commit, patch] += len(records)
    for (commit, patch), count in counts.items():
        if chain.present.commits.rejects(commit, patch):
            of = counted(count, "artefact")
            words = f"the patch {patch[:7]} of {of} cannot be applied to {commit[:7]}"
            yield Finding("git", Question.INTACT, Verdict.NOTE, words)


def _unknown(chain: Chain, claimed: list[tuple[str, dict]]) -> Iterator[Finding]:
    counts = Counter(record["git"]["commit"] for _, record in claimed if "git" in record)
    for commit, count in counts.items():
        if chain.present.commits.lacks(commit):
            of = counted(count, "artefact")
            words = f"commit {commit[:7]} of {of} is not in this repository"
            yield Finding("git", Question.INTACT, Verdict.NOTE, words)
