"""What git knows about the records: their commits and patches, and whether these hold what ran.

git can be made to overlook an edit (`update-index --assume-unchanged`, `.git/info/exclude`), and
"clean" in a record is only what git said. The code digest is of the files that ran, so the commit's
own files, with the patch applied, must give the same digest.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

from largebatch.audit.chain.chain import Chain
from largebatch.audit.finding import Finding, intact, note, tampered
from largebatch.audit.words import counted, made, summed_up
from largebatch.records import changed_files, patch_name

Claim = tuple[str, str | None, str]  # commit, patch, step


def git_findings(chain: Chain) -> Iterator[Finding]:
    """Commits, dirty trees, and whether the patches of these are still kept unaltered."""
    states = Counter(_state(record) for record in chain.all_records)
    for state, count in states.items():
        yield intact("git", state, counted(count, "artefact"))
    dirty = [r["git"] for r in chain.all_records if r.get("git", {}).get("dirty")]
    patches = sorted({git["patch"] for git in dirty if "patch" in git})
    if dirty:
        yield _dirty(chain, len(dirty), patches)
    for digest in patches:
        yield from _patch(chain, digest)


def _state(record: dict) -> str:
    if "git" not in record:
        return "no git"
    return f"{record['git']['commit'][:7]} {'dirty' if record['git']['dirty'] else 'clean'}"


def _dirty(chain: Chain, count: int, patches: list[str]) -> Finding:
    """A note on the files that were not committed, as far as their patches are kept."""
    kept = [chain.present.commits.patch(digest) or b"" for digest in patches]
    files = sorted({file for patch in kept for file in changed_files(patch)})
    names = f": {summed_up(files)}" if files else ""
    return note("git", f"{made(count)} from a dirty tree{names}")


def _patch(chain: Chain, digest: str) -> Iterator[Finding]:
    name = patch_name(digest)
    if not os.path.isfile(chain.root / name):
        yield note("git", f"the patch {name} is not kept here")
    elif chain.present.commits.patch(digest) is None:
        yield tampered("git", name, "it is not the patch that was recorded")


def commit_findings(chain: Chain) -> Iterator[Finding]:
    """One finding for each commit, patch and step that do not hold the code that ran.

    Asked only of records whose code is that of the tree, because code is digested by today's
    rules. Other records are stale anyway.
    """
    claims: dict[Claim, list[dict]] = {}
    for step, records in chain.records.items():
        for record in records:
            git = record.get("git", {})
            patch = git.get("patch") if git.get("dirty") else None
            sure = patch or not git.get("dirty")
            if "commit" in git and sure and chain.present.is_current(step, record):
                claims.setdefault((git["commit"], patch, step), []).append(record)
    for claim, records in claims.items():
        yield from _other_code(chain, *claim, records)
    yield from _misfits(chain, claims)
    yield from _unknown(chain)


def _other_code(
    chain: Chain, commit: str, patch: str | None, step: str, records: list[dict]
) -> Iterator[Finding]:
    differing = partial(chain.present.commits.differing, commit, patch, step)
    other = {chain.file_of(record): found for record in records if (found := differing(record))}
    if other:
        modules = summed_up(sorted(frozenset.union(*other.values())))
        named = f"{commit[:7]} and patch {patch[:7]}" if patch else "this commit"
        gives = "these do not give" if patch else "it does not contain"
        of = counted(len(other), "artefact")
        detail = f"the records of {of} name {named}, but {gives} {modules} as recorded"
        yield tampered("git", f"{commit[:7]} {step}", detail, remake=other)


def _misfits(chain: Chain, claims: dict[Claim, list[dict]]) -> Iterator[Finding]:
    counts: Counter[tuple[str, str]] = Counter()
    for (commit, patch, _), records in claims.items():
        if patch:
            counts[commit, patch] += len(records)
    for (commit, patch), count in counts.items():
        if chain.present.commits.rejects(commit, patch):
            of = counted(count, "artefact")
            yield note("git", f"the patch {patch[:7]} of {of} cannot be applied to {commit[:7]}")


def _unknown(chain: Chain) -> Iterator[Finding]:
    """Notes on artefacts of which no commit here tells which code made them."""
    unnamed = sum("git" not in record for record in chain.all_records)
    if unnamed and chain.present.commits.here:
        yield note("git", f"{made(unnamed)} outside git, so no commit tells what ran")
    counts = Counter(record["git"]["commit"] for record in chain.all_records if "git" in record)
    for commit, count in counts.items():
        if chain.present.commits.lacks(commit):
            of = counted(count, "artefact")
            words = "is not in this repository, or git cannot read it"
            yield note("git", f"commit {commit[:7]} of {of} {words}")
