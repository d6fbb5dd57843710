"""What jobs have made is set aside while it is made again, and put back if that fails.

Snakemake would remove it when the job starts: a pack that is handed in by mistake, or refused, or
cancelled while it waits in a queue, would cost results. Of a Snakemake that was killed they stay
where they are, as `.<name>.old`, until the job succeeds.
"""

import contextlib
import os
from pathlib import Path

from snakemake_executor_plugin_lanes.folders import is_there


def _place(file: str) -> Path:
    """In the same folder, since only renaming is atomic."""
    path = Path(file)
    return path.with_name(f".{path.name}.old")


class Aside:
    """Outputs that were set aside, with what Snakemake's metadata say that they are made from.

    A disk that is full or away when they are put back costs a record or leaves one aside, no more.
    """

    def __init__(self, workflow):
        self.persistence = workflow.persistence
        self.records: dict = {}  # by output

    def set(self, job) -> None:
        """Set aside the outputs that the job is to replace."""
        for file in filter(is_there, job.output):
            self.records[file] = self.persistence.metadata(file)
            os.replace(file, _place(file))

    def drop(self, job) -> None:
        """The job has succeeded: remove what it replaced."""
        for file in job.output:
            self.records.pop(file, None)
            with contextlib.suppress(OSError):
                _place(file).unlink(missing_ok=True)

    def put_back(self, job) -> None:
        """The job has failed: put back what it was to replace, and the records of that."""
        for file in filter(self.records.__contains__, job.output):
            with contextlib.suppress(OSError):
                self._put_back(file)

    def put_all_back(self) -> None:
        """No job goes on. What is whole by now stays; its record is there already."""
        for file in list(self.records):
            with contextlib.suppress(OSError):
                if not is_there(file):
                    self._put_back(file)

    def _put_back(self, file) -> None:
        os.replace(_place(file), file)  # if that fails, it is tried again when Snakemake ends
        self.persistence.cleanup_metadata(file)
        if record := self.records.pop(file):
            self.persistence._write_record(self.persistence._get_key(file), record)
