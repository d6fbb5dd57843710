"""What the commits of a checkout contain, and a kept patch applied to it.

Objects are read as they are stored. `git archive` would pass them through filters, or leave files
out, if `.git` says so.
"""

import io
import re
from pathlib import Path

from largebatch.records.git import call, output
from largebatch.records.patches import NAMES, can_be_applied

COMMIT = re.compile(r"[0-9a-f]{40,64}|HEAD")


def committed_text(root: Path, name: str) -> str:
    """The file as in the last commit; empty if that lacks it, or without git or a commit."""
    return output(root, "cat-file", "blob", f"HEAD:./{name}").decode(errors="replace")


def committed_files(root: Path, commit: str, name: str) -> dict[str, bytes]:
    """{path: content} of the regular files of a commit below `name`, a folder of the checkout.

    Empty without git, or if there is no such commit or it has nothing of that name.
    """
    if not COMMIT.fullmatch(commit):  # a record may hold something that git takes for an option
        return {}
    listed = output(root, "ls-tree", "-rz", f"{commit}^{{commit}}", "--", f"{name}/")
    entries = (entry.partition("\t") for entry in listed.decode(*NAMES).split("\0"))
    objects = {path: facts.split()[2] for facts, _, path in entries if _is_regular(facts, path)}
    asked = "".join(f"{each}\n" for each in objects.values()).encode()
    answer = io.BytesIO(output(root, "cat-file", "--batch", given=asked))
    contents = [_next_blob(answer) for _ in objects]
    return {} if None in contents else dict(zip(objects, contents, strict=True))


def _is_regular(facts: str, path: str) -> bool:
    """Is it a file, and not one that a forged commit would put outside the folder?"""
    return facts.startswith("100") and ".." not in path.split("/")


def _next_blob(answer: io.BytesIO) -> bytes | None:
    """The content after a line `<object> blob <size>`; None after `<object> missing`."""
    words = answer.readline().split()
    if len(words) != 3:
        return None
    content = answer.read(int(words[2]))
    answer.readline()
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
