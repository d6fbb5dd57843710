"""A run's log: one line per event."""

import sys
import time

from largebatch.training.job import Job


def log(job: Job, line: str) -> None:
    """Add a line to the job's log, or to stderr if it has none."""
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {job.name} {line}\n"
    try:
        if job.log is not None:
            job.log.parent.mkdir(parents=True, exist_ok=True)
            with job.log.open("a", encoding="utf-8") as file:
                file.write(text)
            return
    except OSError:  # a full disk costs the log, not the training
        pass
    sys.stderr.write(text)
