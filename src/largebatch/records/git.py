"""The commit of a checkout, how the working tree differs from it, and what commits contain."""

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
# The same form of patch, whatever the user's git configuration says.
PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
COMMIT = re.compile(r"[0-9a-f]{40,64}|HEAD")


@dataclass(frozen=True)
class GitState:
    """A commit (None outside git) and the patch that leads from it to the working tree."""

    commit: str | None
    patch: bytes = b""

    @property
    def facts(self) -> dict:
        """What a record says: {commit, dirty, patch: its SHA-256}; empty without git."""
        if self.commit is None:
            return {}
        digest = {"patch": sha256(self.patch)} if self.patch else {}
        return {"commit": self.commit, "dirty": bool(self.patch), **digest}

    @property
    def changed(self) -> list[str]:
        """The files that differ from the commit."""
        return changed_files(self.patch)


def git_state(root: Path) -> GitState:
    """The commit of the checkout `root`, and the uncommitted changes.

    Only files that can change a number (`WATCHED`) are looked at. Untracked files count as changes,
    ignored ones do not. Runs git once, twice in a dirty tree.
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
    """The file as in the last commit; empty if that lacks it, or without git or a commit."""
    return _output(root, "show", f"HEAD:./{name}").decode(errors="replace")


def unpack_commit(root: Path, commit: str, name: str, folder: Path) -> bool:
    """Write to `folder` what a commit has below `name`, a folder of the checkout.

    False without git, or if there is no such commit or it has nothing of that name.
    """
    if not COMMIT.fullmatch(commit):  # a record may hold something that git takes for an option
        return False
    packed = _output(root, "archive", "--format=tar", commit, "--", name)
    if packed:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return bool(packed)


def apply_patch(patch: bytes, name: str, folder: Path) -> bool:
    """Apply the part of a patch that is below `name` to `folder` (see `unpack_commit`).

    False, and nothing is changed, if the patch does not fit or cannot be applied.
    """
    if not can_be_applied(patch):
        return False
    options = ("-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", f"--include={name}/*")
    return _call(folder, *options, given=patch, environment=_outside(folder)) is not None


def _output(root: Path, *words: str) -> bytes:
    """The output of a git command; empty if it fails or there is no git or no checkout."""
    return _call(root, "--no-optional-locks", *words) or b""


def _call(
    root: Path, *words: str, given: bytes = b"", environment: dict[str, str] | None = None
) -> bytes | None:
    """The output of a git command, None if it fails; `given` is its standard input."""
    options = {"input": given, "capture_output": True, "check": True, "timeout": 60}
    try:
        return subprocess.run(["git", *words], cwd=root, env=environment, **options).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def _outside(folder: Path) -> dict[str, str]:
    """An environment in which git ignores any repository around `folder`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent)}
