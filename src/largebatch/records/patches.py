"""Uncommitted changes of a working tree, kept as one patch in `results/patches/<sha256>.patch`.

A patch is bytes, as git writes it: files need not be text in any encoding.
"""

import difflib
import re
from pathlib import Path

from largebatch.records.atomic import write_bytes
from largebatch.records.digest import sha256

NAMES = ("utf-8", "surrogateescape")  # so that file names that are not UTF-8 survive
NOT_TEXT = b"# not text, sha256 "


def patch_name(digest: str) -> str:
    """The path, relative to the checkout, of the patch with this SHA-256."""
    return f"results/patches/{digest}.patch"


def store_patch(root: Path, patch: bytes) -> str:
    """Keep a patch; returns its SHA-256."""
    digest = sha256(patch)
    path = Path(root, patch_name(digest))
    if not path.exists():
        write_bytes(path, patch)
    return digest


def changed_files(patch: bytes) -> list[str]:
    """The files that a patch changes, adds or removes."""
    names = re.findall(rb'^diff --git "?a/.+ "?b/(.+?)"?$', patch, re.MULTILINE)
    return [name.decode(*NAMES) for name in names]


def can_be_applied(patch: bytes) -> bool:
    """False for a patch of another form, or with only the digest of a file that is not text."""
    return b"\n" + NOT_TEXT not in patch and bool(changed_files(patch))


def new_file(root: Path, name: str) -> bytes:
    """A patch that adds an untracked file; for one that is not text, only its digest."""
    head = f"diff --git a/{name} b/{name}\nnew file mode 100644\n".encode(*NAMES)
    try:
        content = Path(root, name).read_bytes()
    except OSError:  # an editor's lock (a dangling link), or a repository inside this one
        return head + NOT_TEXT + b"unknown\n"
    try:
        lines = re.findall(r"[^\n]*\n|[^\n]+$", content.decode())  # git's lines, not Unicode's
    except UnicodeDecodeError:
        return head + NOT_TEXT + f"{sha256(content)}\n".encode()
    diff = "".join(difflib.unified_diff([], lines, "/dev/null", f"b/{name}"))
    ending = "" if not diff or diff.endswith("\n") else "\n\\ No newline at end of file\n"
    return head + (diff + ending).encode(*NAMES)
