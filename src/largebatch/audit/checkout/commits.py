"""The code in commits of a checkout; each commit and patch is read once for all records."""

from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from largebatch.errors import UserError
from largebatch.records import (
    apply_patch,
    code_digest,
    committed_files,
    last_commit,
    patch_name,
    sha256,
)
from largebatch.records.changed_code import changed_modules
from largebatch.records.code import PACKAGE
from largebatch.records.source import find_module

SOURCE = f"src/{PACKAGE.name}"


class Commits:
    """Commits of the repository that `root` is a checkout of; without git none is known.

    Where a method takes `patch`, the digest of a patch in `results/patches`, the code is that of
    the commit with the patch applied.
    """

    def __init__(self, root: Path):
        self.root = root
        self._patch = cache(self._read_patch)
        self._source = cache(self._unpack)
        self._code = cache(code_digest)

    def lacks(self, commit: str) -> bool:
        """Whether this is a repository without that commit, or the commit has none of our code."""
        return self.here and self._source(commit, None) is None

    @cached_property
    def here(self) -> bool:
        """Whether this is a repository, even if git refuses to read it."""
        return last_commit(self.root) is not None or (self.root / ".git").exists()

    def rejects(self, commit: str, patch: str) -> bool:
        """Whether commit and patch are both here, but the patch cannot be applied."""
        known = self._source(commit, None) is not None and self.patch(patch) is not None
        return known and self._source(commit, patch) is None

    def differing(
        self, commit: str, patch: str | None, step: str, record: dict
    ) -> frozenset[str] | None:
        """Modules that matter to the record and are not in the commit as the record names them.

        None if the commit's code is not available.
        """
        source = self._source(commit, patch)
        if source is None:
            return None
        try:
            return frozenset(changed_modules(step, record, partial(self._code, step, source)))
        except UserError:  # the commit lacks a module that is imported
            modules = frozenset(record["code"]["modules"])
            return frozenset(m for m in modules if not _is_there(source, m)) or modules

    def patch(self, digest: str) -> bytes | None:
        """The patch of this digest; None if it is not kept here or has another digest."""
        return self._patch(digest)

    def _read_patch(self, digest: str) -> bytes | None:
        path = self.root / patch_name(digest)
        if not path.is_file():  # a record may hold something that cannot name one
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        return content if sha256(content) == digest else None

    @cached_property
    def _folder(self) -> TemporaryDirectory:
        """For what is unpacked; made only then."""
        return TemporaryDirectory()

    def _unpack(self, commit: str, patch: str | None) -> Path | None:
        content = self.patch(patch) if patch else b""
        if content is None:  # checked before `patch` names a folder: a kept one is a plain digest
            return None
        files = committed_files(self.root, commit, SOURCE)
        if not files:
            return None
        folder = Path(self._folder.name, f"{commit}-{patch}")
        for name, source in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(source)
        if patch and not apply_patch(content, SOURCE, folder):
            return None
        return folder / SOURCE


def _is_there(package: Path, name: str) -> bool:
    """Does the package have a module or data file of this name?"""
    return find_module(package, name) is not None or (package.parent / name).is_file()
