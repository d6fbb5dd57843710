"""What the executor uses of Snakemake beyond its interface for executors, and so may be renamed.

The stock SLURM plugin is used so, too, but its version is fixed (pyproject.toml).
"""

from itertools import islice

from snakemake.common import __version__
from snakemake.shell import shell
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

OVERRIDDEN = ("_wait_for_jobs", "handle_job_success", "handle_job_error")
OF_PERSISTENCE = ("finished", "metadata", "cleanup_metadata", "_get_key", "_write_record")


def check(workflow) -> None:
    """Raise WorkflowError, one sentence, if this Snakemake lacks any of it."""
    used = [
        (shell, ("_get_process_prefix", "get_executable")),
        (RemoteExecutor, OVERRIDDEN),
        (workflow.persistence, OF_PERSISTENCE),
        (workflow.dag, ("needrun_jobs", "reason")),
        *(
            (job, ("check_protected_output", "prepare", "shellcmd"))
            for job in islice(workflow.dag.jobs, 1)
        ),
    ]
    lacking = [name for owner, names in used for name in names if not hasattr(owner, name)]
    if lacking:
        raise WorkflowError(
            f"Snakemake {__version__} has no {', '.join(lacking)}, which the executor `lanes` "
            "uses; install the version of envs/pipeline.lock, or add --executor local."
        )
