"""The executor's settings, given on the command line or in a profile."""

from dataclasses import dataclass, field, fields

from snakemake_executor_plugin_slurm import ExecutorSettings as StockSettings
from snakemake_interface_common.exceptions import WorkflowError

# The stock SLURM plugin's settings that mean nothing for packs.
UNUSED = {
    "array_jobs": "packs take the place of job arrays",
    "array_limit": "packs take the place of job arrays",
    "disable_memory_fudge": "packs take the place of job arrays",
    "logdir": "a pack's log is in .snakemake/lanes",
    "keep_successful_logs": "a pack's log is in .snakemake/lanes",
    "delete_logfiles_older_than": "a pack's log stays until its runs have results",
    "init_seconds_before_status_checks": "--lanes-status-seconds takes its place",
    "status_command": "packs are watched with squeue",
    "status_attempts": "packs wait for a SLURM that does not answer",
    "no_account": "an account is never guessed",
    "pass_command_as_script": "a pack is always a script",
    "efficiency_report": "it needs one job per run",
    "efficiency_report_path": "it needs one job per run",
    "efficiency_threshold": "it needs one job per run",
    "exclude_failed_nodes": "no failure adds to it; in config/cluster.yaml, extra takes --exclude",
    "jobname_prefix": "packs are named after their task, batch and study",
}


@dataclass
class ExecutorSettings(StockSettings):
    """Settings, on the command line --lanes-backend, --lanes-report-seconds and so on.

    They include those of the stock SLURM plugin, for the backend `slurm`.
    """

    backend: str = field(
        default="local",
        metadata={
            "help": "Where packs run: local (this machine) or slurm.",
            "choices": ["local", "slurm"],
        },
    )
    report_seconds: int = field(
        default=10, metadata={"help": "Seconds between reports of progress."}
    )
    packs_per_gpu: int = field(
        default=0,
        metadata={
            "help": "local: how many packs may share a GPU if they fit; 0: do not assign GPUs."
        },
    )
    status_seconds: int = field(
        default=20, metadata={"help": "slurm: seconds between calls of squeue."}
    )
    grace_seconds: int = field(
        default=60,
        metadata={"help": "slurm: seconds a job must be gone before its runs count as failed."},
    )
    # The stock plugin would call `sacct` to find its default.
    status_command: str = field(
        default=None,  # type: ignore[assignment]  # Snakemake accepts no `str | None`
        metadata={"help": "Not used: packs are watched with squeue."},
    )


def refuse_unused(settings: ExecutorSettings) -> None:
    """Raise WorkflowError for a stock setting that would be ignored."""
    for setting in fields(settings):
        if setting.name in UNUSED and getattr(settings, setting.name) != setting.default:
            option = setting.name.replace("_", "-")
            raise WorkflowError(f"--lanes-{option}: {UNUSED[setting.name]}; leave it out.")
