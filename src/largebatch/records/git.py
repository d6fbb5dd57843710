"""The commit a checkout stands at, how the working tree differs from it, and what commits hold."""

import io
import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from largebatch.records.digest import sha256
from largebatch.records.patches import NAMES, can_be_applied, changed_files, new_file

WATCHED = ("src", "config", "workflow", "Snakefile", "envs")  # what can change a number
# One form of patch, whatever the user's configuration of git asks for.
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
COMMIT = re.compile(r"[0-9a-f]{40,64}|HEAD")


@dataclass(frozen=True)
class GitState:
    """`commit` None: not a git checkout. `patch`: what leads from the commit to the tree."""

    commit: str | None
    patch: bytes = b""

    @property
    def facts(self) -> dict:
        """For a record: {commit, dirty, patch: its SHA-256}; empty without git."""
        if self.commit is None:
            return {}
        digest = {"patch": sha256(self.patch)} if self.patch else {}
        return {"commit": self.commit, "dirty": bool(self.patch), **digest}

    @property
    def changed(self) -> list[str]:
        """The files that are not as the commit has them."""
        return changed_files(self.patch)


def git_state(root: Path) -> GitState:
    """Commit and uncommitted changes of what can change a number (`WATCHED`) in checkout `root`.

    Untracked files count as changes, ignored ones do not. Runs git once, in a dirty tree twice.
    """
    options = ("--porcelain=v2", "--branch", "-z", "--untracked-files=all")
    entries = _output(root, "status", *options, "--", *WATCHED).decode(*NAMES).split("\0")
    commits = [entry.split()[-1] for entry in entries if entry.startswith("# branch.oid ")]
    if not commits or commits[0] == "(initial)":
        return GitState(None)
    untracked = [entry[2:] for entry in entries if entry.startswith("? ")]
    tracked = any(entry[:2] in ("1 ", "2 ", "u ") for entry in entries)
    patch = _output(root, "diff", "--binary", *PLAIN, "HEAD", "--", *WATCHED) if tracked else b""
    return GitState(commits[0], patch + b"".join(new_file(root, name) for name in untracked))


def committed_text(root: Path, name: str) -> str:
    """The file as the last commit has it; empty without git or commit, or if it is not in it."""
    return _output(root, "show", f"HEAD:./{name}").decode(errors="replace")


def unpack_commit(root: Path, commit: str, name: str, folder: Path) -> bool:
    """Write what a commit has below `name` (a folder of the checkout) to `folder`.

    False without git, or if there is no such commit or nothing of that name in it.
    """
    if not COMMIT.fullmatch(commit):  # a record may hold what git takes for an option
        return False
    packed = _output(root, "archive", "--format=tar", commit, "--", name)
    if packed:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return bool(packed)


def apply_patch(patch: bytes, name: str, folder: Path) -> bool:
    """Change in `folder` (see `unpack_commit`) what a kept patch changes below `name`.

    False, and nothing is changed, if it does not fit or cannot be applied.
    """
    if not can_be_applied(patch):
        return False
    options = ("-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", f"--include={name}/*")
    return _call(folder, *options, given=patch, environment=_outside(folder)) is not None


def _output(root: Path, *words: str) -> bytes:
    """Output of one git command; empty if it fails, or if git or the checkout is absent."""
    return _call(root, "--no-optional-locks", *words) or b""


def _call(
    root: Path, *words: str, given: bytes = b"", environment: dict[str, str] | None = None
) -> bytes | None:
    """The same; None if it fails. `given` is its standard input."""
    options = {"input": given, "capture_output": True, "check": True, "timeout": 60}
    try:
        return subprocess.run(["git", *words], cwd=root, env=environment, **options).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def _outside(folder: Path) -> dict[str, str]:
    """An environment in which git sees no repository around `folder`: else it looks at that."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent)}
