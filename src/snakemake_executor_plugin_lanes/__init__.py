"""Executor `lanes`: runs many ready jobs in one process.

Every run of a sweep stays a Snakemake job of its own (own output, params, log, retries, `-F`,
`-R`); only the launch is packed. Jobs with the same value of the string resource `pack` share a
process, at most `lanes` (a number) of them:

    python -m largebatch <rule> --pack <folder>/pack.json

Each job has succeeded as soon as its own marker exists. The packs with the most work (by the
resource `work`) start first. Jobs without `pack` are started one by one, as Snakemake's own
executor does. Any other executor runs the same rules with one job per process.

The setting `backend` says where processes run: `local` is this machine; with `slurm` a pack is one
`sbatch`, and small jobs run on the login node.
"""

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

from snakemake_executor_plugin_lanes import internals
from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.local import LocalExecutor
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.settings import ExecutorSettings

__all__ = ["Executor", "ExecutorSettings", "common_settings"]

FEW_JOBS = 1000  # somebody who asks for fewer means processes, as other executors do
BACKENDS: dict[str, type[Packs]] = {"local": LocalExecutor, "slurm": SlurmExecutor}


# Not "local" in Snakemake's sense: Snakemake would then release only as many jobs at a time as
# there are cores, and an executor can pack only what has been released.
common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_envvar_declarations_to_cmd=False,
    auto_deploy_default_storage_provider=False,
)


class Executor(RemoteExecutor):
    """The backend that the settings ask for."""

    def __new__(cls, workflow, logger):
        internals.check(workflow)
        internals.hush(logger)
        if workflow.deployment_settings.deployment_method:
            raise WorkflowError(
                "--software-deployment-method: the executor `lanes` runs jobs in the environment "
                "that Snakemake runs in; leave it out, or add --executor local."
            )
        jobs = workflow.resource_settings.nodes
        if jobs is not None and jobs < FEW_JOBS:
            logger.warning(
                f"-j {jobs}: at most {jobs} runs are released at a time, so packs stay small and "
                "slow; leave -j out, and limit the processes on this machine with -c."
            )
        return BACKENDS[workflow.executor_settings.backend](workflow, logger)
