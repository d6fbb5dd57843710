"""What the commits of a checkout contain, and a kept patch applied to it.

A commit's id is the digest of what it contains, folder by folder, so each object is held against
its id. What else `.git` may say (attributes, filters, replaced objects) does not count.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from largebatch.records.git import answer, call, output, prefix
from largebatch.records.patches import NAMES, can_be_applied

ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ALGORITHMS = {40: "sha1", 64: "sha256"}  # length of ids in a repository: what they are made by
FOLDER, FILE = b"40000", b"100"  # mode of a folder; how that of a regular file starts


def last_commit(root: Path) -> str | None:
    """The id of the last commit; None without git or a commit."""
    return output(root, "rev-parse", "--verify", "HEAD").decode().strip() or None


def committed_text(root: Path, name: str) -> str | None:
    """The file as in the last commit; empty if that lacks it, or without a repository or a commit.

    None if git cannot read it, or is not installed: what cannot be told is not empty.
    """
    commit = last_commit(root)
    if commit is None:
        return None if _may_have_commits(root) else ""
    try:
        [content] = _read(root, [_find(root, commit, name)], "blob")
    except KeyError:  # the commit has nothing of that name
        return ""
    except LookupError:
        return None
    return content.decode(errors="replace")


def _may_have_commits(root: Path) -> bool:
    """Where git names no last commit: may there be one all the same, as after damage?

    Only a repository that git reads, and that holds no commit at all, has none.
    """
    if not Path(root, ".git").exists():
        return False
    objects = answer(root, "cat-file", "--batch-all-objects", "--batch-check")
    return objects is None or b" commit " in objects


def committed_files(root: Path, commit: str, name: str) -> dict[str, bytes]:
    """{path: content} of the regular files of a commit below `name`, a folder of the checkout.

    Empty without git, or if there is no such commit, it has nothing of that name, or an object is
    not the one that its id means.
    """
    if not ID.fullmatch(commit):  # a record may hold something that git takes for an option
        return {}
    try:
        return _files(root, name, _find(root, commit, name))
    except LookupError:
        return {}


def _find(root: Path, commit: str, name: str) -> str:
    """The id of a file or folder of the checkout in a commit.

    KeyError if the commit has none; LookupError, which covers that, if an object cannot be read.
    """
    [content] = _read(root, [commit], "commit")
    found = content.split(b"\n")[0].removeprefix(b"tree ").decode()
    for part in f"{prefix(root)}{name}".split("/"):
        [content] = _read(root, [found], "tree")
        found = {below: id for _, below, id in _entries(content, len(commit))}[part]
    return found


def _files(root: Path, name: str, folder: str) -> dict[str, bytes]:
    """The regular files below a folder, read level by level."""
    files: dict[str, str] = {}
    level = {name: folder}
    while level:
        contents = zip(level, _read(root, level.values(), "tree"), strict=True)
        level = {}
        for above, content in contents:
            for mode, below, id in _entries(content, len(folder)):
                if mode == FOLDER:
                    level[f"{above}/{below}"] = id
                elif mode.startswith(FILE):
                    files[f"{above}/{below}"] = id
    return dict(zip(files, _read(root, files.values(), "blob"), strict=True))


def _entries(content: bytes, width: int) -> Iterator[tuple[bytes, str, str]]:
    """Mode, name and id of what is in a folder, without names that would lead out of it."""
    for mode, name, id in re.findall(rb"(?s)(\d+) ([^\0]+)\0(.{%d})" % (width // 2), content):
        if name not in (b".", b"..") and b"/" not in name:
            yield mode, name.decode(*NAMES), id.hex()


def _read(root: Path, ids: Iterable[str], kind: str) -> list[bytes]:
    """The contents of objects of that kind; LookupError if one is not there or has another id."""
    ids = list(ids)
    asked = "".join(f"{id}\n" for id in ids).encode()
    answer = io.BytesIO(output(root, "cat-file", "--batch", given=asked))
    return [_next(answer, id, kind) for id in ids]


def _next(answer: io.BytesIO, id: str, kind: str) -> bytes:
    """The content after a line `<id> <kind> <size>`; there is none after `<id> missing`."""
    words = answer.readline().decode().split()
    if len(words) != 3 or words[1] != kind:
        raise LookupError(id)
    content = answer.read(int(words[2]))
    answer.readline()
    whole = f"{kind} {len(content)}\0".encode() + content
    if hashlib.new(ALGORITHMS[len(id)], whole).hexdigest() != id:
        raise LookupError(id)
    return content


def apply_patch(patch: bytes, name: str, folder: Path) -> bool:
    """Apply the part of a patch that is below `name` to `folder`, which holds a commit's files.

    False, and nothing is changed, if the patch does not fit or cannot be applied.
    """
    if not can_be_applied(patch):
        return False
    outside = {"GIT_CEILING_DIRECTORIES": str(Path(folder).resolve().parent)}  # in no repository
    options = ("-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", f"--include={name}/*")
    return call(folder, *options, given=patch, environment=outside) is not None
