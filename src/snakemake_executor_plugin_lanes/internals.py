"""What the executor uses of Snakemake beyond its interface for executors.

A release may rename any of it, so it is used in this file alone, and `check` says in one sentence
what is missing. Only the parts of `RemoteExecutor` that `Packs` overrides are elsewhere. The stock
SLURM plugin is used so, too, but its version is fixed (pyproject.toml).
"""

import contextlib
import logging
from collections.abc import Callable
from itertools import islice

from snakemake.common import __version__
from snakemake.exceptions import RuleException
from snakemake.shell import shell
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

__all__ = ["CANNOT_START", "Records", "check", "command", "hush", "is_forced", "needed", "prepare"]

CANNOT_START = (OSError, RuleException, WorkflowError)  # what `prepare` may raise
OF_JOBS = (
    "is_norun", "is_shell", "params", "priority", "shellcmd", "wildcards", "check_protected_output",
    "prepare",
)  # fmt: skip
OF_RECORDS = ("finished", "_read_record", "_write_record", "_delete_record", "_clear_cache")
EACH_ROUND = ("Select jobs to execute...", "Execute ")  # what the scheduler says in each round


def check(workflow) -> None:
    """Raise WorkflowError, one sentence, if this Snakemake lacks any of it."""
    used = [
        (workflow, ("dag", "resource_settings")),
        (workflow.dag, ("jobs", "needrun_jobs", "reason")),
        *((job, OF_JOBS) for job in islice(workflow.dag.jobs, 1)),
        (workflow.persistence, OF_RECORDS),
        (shell, ("_get_process_prefix", "get_executable")),
        (RemoteExecutor, ("_wait_for_jobs", "handle_job_success", "handle_job_error")),
    ]
    # By `dir`, since properties of a job raise errors before the DAG is complete.
    lacking = [name for owner, names in used for name in names if name not in dir(owner)]
    if lacking:
        raise WorkflowError(
            f"Snakemake {__version__} has no {', '.join(lacking)}, which the executor `lanes` "
            "uses; install the version of envs/pipeline.lock, or add --executor local."
        )


def needed(workflow) -> list:
    """The jobs that this Snakemake is to run, released or not: without targets, which do nothing.

    The interface shows only those that have been released.
    """
    return [job for job in workflow.dag.needrun_jobs() if not (job.is_norun or job.is_local)]


def is_forced(workflow, job) -> bool:
    """Is the job's result to be made again though it is there (`-F`, `-R`)?"""
    return workflow.dag.reason(job).forced


async def prepare(workflow, job, set_aside: Callable[[object], None]) -> None:
    """Make folders, remove the old log, and record what the outputs are to be made from.

    Outputs that are there are first `set_aside`, or they would be removed. Snakemake itself records
    when a job has ended; recorded beforehand, the parameters are also known of a file that is
    finished while or after this process is killed.
    """
    await job.check_protected_output()
    set_aside(job)
    await job.prepare()
    await workflow.persistence.finished(job)


def command(job) -> list[str]:
    """The job's shell command, as Snakemake's own executor would call it."""
    prefix = shell._get_process_prefix()
    return [shell.get_executable() or "bash", "-c", f"{prefix} {job.shellcmd}"]


def hush(logger: logging.Logger) -> None:
    """Leave out what the scheduler says in each round, for which Snakemake has no option."""
    logger.addFilter(lambda record: not str(record.msg).startswith(EACH_ROUND))


class Records:
    """What Snakemake knows of files: the rule, input and parameters that they were made from.

    Only by its metadata does it notice that a parameter has changed.
    """

    def __init__(self, workflow):
        self.persistence = workflow.persistence

    def copy(self, old: str, new: str) -> None:
        """Give the file `new` the record of `old`, or none; a full disk costs the record."""
        record = self.persistence._read_record(str(old))
        self.remove(new)
        if record:
            with contextlib.suppress(OSError):
                self.persistence._write_record(str(new), record)

    def remove(self, file: str) -> None:
        self.persistence._clear_cache()
        self.persistence._delete_record(str(file))
