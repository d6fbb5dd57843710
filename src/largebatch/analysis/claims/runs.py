"""The runs of a study, each read once, and which of them the claims used."""

from functools import cache
from pathlib import Path

from largebatch.analysis.histories import History, read_history
from largebatch.analysis.stored import is_stored
from largebatch.study import Run, Study


class NotRun(Exception):
    """A claim needs something that is missing; the message says what, and how to get it."""


class Runs:
    """Histories by run; `used` lists what was read."""

    def __init__(self, study: Study, root: Path):
        self.study, self.root = study, root
        self.used: dict[Run, History] = {}
        # Cached: many claims are about the same runs.
        self.exists = cache(lambda run: is_stored(study, run, root))

    def __getitem__(self, run: Run) -> History:
        if run not in self.used:
            self.used[run] = read_history(self.study, run, self.root)
        return self.used[run]
