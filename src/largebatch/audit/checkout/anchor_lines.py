"""The lines of `results/figures.lock`, here and in the last commit: `<digest>  <its key>`."""

from collections.abc import Iterator
from pathlib import Path

from largebatch.errors import UserError
from largebatch.records import committed_text, only_one, write_bytes

ANCHOR = Path("results", "figures.lock")


def read_anchors(root: Path) -> dict[str, str]:
    """{`Subject.key`: digest}; empty without the file; UserError for a malformed line."""
    path = Path(root, ANCHOR)
    if not path.is_file():
        return {}
    anchors: dict[str, str] = {}
    for number, (digest, key) in enumerate(_lines(path.read_text(errors="replace")), 1):
        malformed = len(digest) != 64 or not key
        if malformed or key in anchors:
            fault = "not '<digest>  <study>/<figure>'" if malformed else f"a second line for {key}"
            repair = f"restore it with `git checkout {ANCHOR}`"
            raise UserError(f"{path}, line {number}: {fault}; {repair}.")
        anchors[key] = digest
    return anchors


def read_committed_anchors(root: Path) -> dict[str, str] | None:
    """The same in the last commit, None if git cannot read it.

    A malformed line is not refused, as it could not be restored.
    """
    text = committed_text(root, ANCHOR.as_posix())
    return None if text is None else {key: digest for digest, key in _lines(text)}


def note_anchors(root: Path, anchors: dict[str, str]) -> None:
    """Write these lines into the file, sorted by key, beside or in place of those it has."""
    path = Path(root, ANCHOR)
    with only_one(path):
        noted = read_anchors(root) | anchors
        lines = [f"{digest}  {key}\n" for key, digest in sorted(noted.items())]
        write_bytes(path, "".join(lines).encode())


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (digest, key) for each line."""
    for line in text.splitlines():
        digest, _, key = line.partition("  ")
        yield digest, key
