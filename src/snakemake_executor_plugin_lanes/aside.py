"""What jobs have made is set aside while it is made again, and put back if that fails.

Snakemake would remove it when the job starts: a pack that is handed in by mistake, or refused, or
cancelled while it waits in a queue, would cost results. A file lies beside its place meanwhile, as
`.<name>.old`, and Snakemake's record of it under that name. So if this Snakemake is killed, a later
one puts both back: when it finds that the pack has ended, or when it fails at the same job.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from snakemake_executor_plugin_lanes.folders import is_there
from snakemake_executor_plugin_lanes.internals import Records


def _place(file: str) -> str:
    """In the same folder, since only renaming is atomic."""
    path = Path(file)
    return str(path.with_name(f".{path.name}.old"))


class Aside:
    """Sets aside and puts back; a disk that is full or away costs a record or leaves a file aside.

    open: outputs that are being made, by packs that were adopted, too.
    """

    def __init__(self, workflow):
        self.records = Records(workflow)
        self.open: set[str] = set()

    def set(self, job) -> None:
        """Set aside the outputs that the job is to replace."""
        for file in filter(is_there, job.output):
            self.records.copy(file, _place(file))
            os.replace(file, _place(file))
        self.watch(job)

    def watch(self, job) -> None:
        """The job is under way."""
        self.open.update(job.output)

    def drop(self, job) -> None:
        """The job has succeeded: remove what it replaced."""
        self.open.difference_update(job.output)
        for file in job.output:
            self._drop(file)

    def put_back(self, job) -> None:
        """The job has failed: put back what it was to replace, and the records of that."""
        for file in job.output:
            self._put_back(file)

    def settle(self, files: Iterable[str]) -> None:
        """Nobody makes these files any more: what is whole by now stays, the rest is put back."""
        for file in files:
            with contextlib.suppress(OSError):
                (self._drop if is_there(file) else self._put_back)(file)

    def settle_all(self) -> None:
        """No job goes on."""
        self.settle(list(self.open))

    def _drop(self, file: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(_place(file))
            self.records.remove(_place(file))

    def _put_back(self, file: str) -> None:
        """If that fails, it is tried again when Snakemake ends."""
        with contextlib.suppress(OSError):
            if is_there(_place(file)):
                self.records.copy(_place(file), file)  # first, or an old file had a new record
                os.replace(_place(file), file)
                self.records.remove(_place(file))
            self.open.discard(file)
