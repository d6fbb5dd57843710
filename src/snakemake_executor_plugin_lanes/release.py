"""A job that Snakemake has released and that waits for a process."""

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo


def released(job) -> SubmittedJobInfo:
    """The job with the facts that decide when it starts, read once here because used often."""
    if job.is_group() or not job.is_shell:
        raise WorkflowError(
            f"{job}: the executor `lanes` runs only `shell` jobs and no groups; use another "
            "--executor."
        )
    lr = job.wildcards.get("lr")
    return SubmittedJobInfo(
        job,
        aux={
            "pack": f"{job.name} {job.resources.pack}" if job.resources.get("pack") else "",
            "lanes": job.resources.get("lanes", 1),
            "work": job.resources.get("work", 1),
            "priority": job.priority,
            "likeness": (float(lr) if lr else 0.0, str(job.output)),
        },
    )
