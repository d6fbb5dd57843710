"""The commit a checkout stands at, and how the working tree differs from it."""

import difflib
import io
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from largebatch.records.digest import sha256

WATCHED = ("src", "config", "workflow", "Snakefile", "envs")  # what can change a number


@dataclass(frozen=True)
class GitState:
    """`commit` None: not a git checkout. `patch`: what leads from the commit to the tree."""

    commit: str | None
    patch: str = ""

    @property
    def facts(self) -> dict:
        """For a record: {commit, dirty, patch: its SHA-256}; empty without git."""
        if self.commit is None:
            return {}
        digest = {"patch": sha256(patch_bytes(self.patch))} if self.patch else {}
        return {"commit": self.commit, "dirty": bool(self.patch), **digest}

    @property
    def changed(self) -> list[str]:
        """The files that the patch changes, adds or removes."""
        return re.findall(r'^diff --git "?a/.+ "?b/(.+?)"?$', self.patch, re.MULTILINE)


def git_state(root: Path) -> GitState:
    """Commit and uncommitted changes of what can change a number (`WATCHED`) in checkout `root`.

    Untracked files count as changes, ignored ones do not. Runs git once, in a dirty tree twice.
    """
    status = _git(root, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all")
    entries = status.split("\0")
    commits = [entry.split()[-1] for entry in entries if entry.startswith("# branch.oid ")]
    if not commits or commits[0] == "(initial)":
        return GitState(None)
    untracked = [entry[2:] for entry in entries if entry.startswith("? ")]
    tracked = any(entry[:2] in ("1 ", "2 ", "u ") for entry in entries)
    patch = _git(root, "diff", "--binary", "HEAD") if tracked else ""
    return GitState(commits[0], patch + "".join(_as_new_file(root, name) for name in untracked))


def committed_text(root: Path, name: str) -> str:
    """The file as the last commit has it; empty without git or commit, or if it is not in it."""
    return _run(root, "show", f"HEAD:./{name}")


def unpack_commit(root: Path, commit: str, name: str, folder: Path) -> bool:
    """Write what a commit has below `name` (a folder of the checkout) to `folder`.

    False without git, or if there is no such commit or nothing of that name in it.
    """
    packed = _output(root, "archive", "--format=tar", commit, "--", name)
    if packed:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return bool(packed)


def patch_bytes(patch: str) -> bytes:
    """The patch as it is kept and hashed; bytes that are not UTF-8 come back as they were."""
    return patch.encode("utf-8", "surrogateescape")


def _git(root: Path, command: str, *options: str) -> str:
    """Output of one git command about the watched paths."""
    return _run(root, command, *options, "--", *WATCHED)


def _run(root: Path, *words: str) -> str:
    """Output of one git command as text; see `_output`."""
    return _output(root, *words).decode("utf-8", "surrogateescape")


def _output(root: Path, *words: str) -> bytes:
    """Output of one git command; empty if it fails, or if git or the checkout is absent."""
    arguments = ["git", "--no-optional-locks", *words]
    try:
        done = subprocess.run(arguments, cwd=root, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout


def _as_new_file(root: Path, name: str) -> str:
    """A patch that adds an untracked file; for one that is not text, only its digest."""
    head = f"diff --git a/{name} b/{name}\nnew file mode 100644\n"
    content = Path(root, name).read_bytes()
    try:
        lines = re.findall(r"[^\n]*\n|[^\n]+$", content.decode())  # git's lines, not Unicode's
    except UnicodeDecodeError:
        return f"{head}# not text, sha256 {sha256(content)}\n"
    diff = "".join(difflib.unified_diff([], lines, "/dev/null", f"b/{name}"))
    ending = "" if not diff or diff.endswith("\n") else "\n\\ No newline at end of file\n"
    return head + diff + ending
