"""The commit of a checkout, and how the working tree differs from it."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from largebatch.records.digest import sha256
from largebatch.records.patches import NAMES, changed_files, new_file

# What can change a number. The settings of a cluster cannot.
WATCHED = ("src", "config", "workflow", "Snakefile", "envs", ":(exclude)config/cluster.yaml")
# The same form of patch, whatever the user's git configuration says and wherever the checkout lies.
PLAIN = (
    "-U3", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--relative",
    "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
# With these, git would look at another repository or tree than the one the checkout lies in.
ELSEWHERE = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE",
    "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
}  # fmt: skip


@dataclass(frozen=True)
class GitState:
    """A commit (None outside git) and the patch that leads from it to the working tree.

    The patch is None if git fails and so does not tell it, which does not mean that there is none.
    """

    commit: str | None
    patch: bytes | None = b""

    @property
    def facts(self) -> dict:
        """What a record says: {commit, dirty, patch: its SHA-256}; empty without git."""
        if self.commit is None:
            return {}
        digest = {"patch": sha256(self.patch)} if self.patch else {}
        return {"commit": self.commit, "dirty": self.patch != b"", **digest}

    @property
    def changed(self) -> list[str]:
        """The files that differ from the commit."""
        return changed_files(self.patch or b"")


def git_state(root: Path) -> GitState:
    """The commit of the checkout `root`, and the uncommitted changes.

    Only files that can change a number (`WATCHED`) are looked at. Untracked files count as changes,
    ignored ones do not. Runs git once, twice in a dirty tree.
    """
    options = ("--porcelain=v2", "--branch", "-z", "--untracked-files=all")
    status = answer(root, "status", *options, "--", *WATCHED)
    if status is None:
        return GitState(None, None if is_repository(root) else b"")
    entries = status.decode(*NAMES).split("\0")
    commits = [entry.split()[-1] for entry in entries if entry.startswith("# branch.oid ")]
    if not commits or commits[0] == "(initial)":
        return GitState(None)
    untracked = [entry[2:] for entry in entries if entry.startswith("? ")]
    dirty = any(entry and not entry.startswith("# ") for entry in entries)
    patch = answer(root, "diff", "--binary", *PLAIN, "HEAD", "--", *WATCHED) if dirty else b""
    if patch is None:
        return GitState(commits[0], None)
    above = prefix(root) if untracked else ""
    added = (new_file(root, name.removeprefix(above)) for name in untracked)
    return GitState(commits[0], patch + b"".join(added))


def is_repository(root: Path) -> bool:
    """Should git answer here? It may fail all the same."""
    return Path(root, ".git").exists() and shutil.which("git") is not None


def prefix(root: Path) -> str:
    """Where in its repository the checkout lies: empty, or folders with a slash at the end."""
    if (root / ".git").exists():  # here, even if the repository says that its files lie elsewhere
        return ""
    return output(root, "rev-parse", "--show-prefix").decode(*NAMES).strip()


def tracked_files(root: Path, names: Iterable[str]) -> list[str]:
    """The files that git tracks below `names`, as names below the checkout; empty without git."""
    listed = output(root, "ls-files", "-z", "--", *names).decode(*NAMES)
    return [name for name in listed.split("\0") if name]


def output(root: Path, *words: str, given: bytes = b"") -> bytes:
    """The output of a git command; empty if it fails or there is no git or no checkout."""
    return answer(root, *words, given=given) or b""


def answer(root: Path, *words: str, given: bytes = b"") -> bytes | None:
    """The same, but None if it fails.

    Objects are taken as they are, whatever `git replace` says.
    """
    return call(root, "--no-optional-locks", "--no-replace-objects", *words, given=given)


def call(
    folder: Path, *words: str, given: bytes = b"", environment: dict[str, str] | None = None
) -> bytes | None:
    """The output of a git command, None if it fails; `given` is its standard input.

    It sees `environment` beside the usual one, without what leads git elsewhere. It does not ask
    whose checkout it is (one on a mounted disk may be another user's): its code runs in any case.
    """
    seen = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    seen |= environment or {}
    try:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", *words],
            cwd=folder,
            env=seen,
            input=given,
            capture_output=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
