"""The code that commits of a checkout hold, each unpacked once, however many records name it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from largebatch.errors import UserError
from largebatch.records import code_digest, unpack_commit
from largebatch.records.code import PACKAGE

SOURCE = f"src/{PACKAGE.name}"


class Commits:
    """Commits of the repository that `root` is a checkout of; without git none is known."""

    def __init__(self, root: Path):
        self.root = root
        self._folder = TemporaryDirectory()
        self._source = cache(self._unpack)
        self.code = cache(self._code)

    def lacks(self, commit: str) -> bool:
        """Whether this is a repository without that commit (or with none of our code in it)."""
        return self._source(commit) is None and self._source("HEAD") is not None

    def _code(self, commit: str, step: str) -> str | None:
        """The code digest of a step as the commit has it; None without such a commit.

        Empty if a module of the step is not in the commit.
        """
        source = self._source(commit)
        try:
            return code_digest(step, source)["digest"] if source else None
        except UserError:
            return ""

    def _unpack(self, commit: str) -> Path | None:
        folder = Path(self._folder.name, commit)
        return folder / SOURCE if unpack_commit(self.root, commit, SOURCE, folder) else None
