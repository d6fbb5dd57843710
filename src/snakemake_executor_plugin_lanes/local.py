"""The local backend: as many processes at a time as there are cores (`-c`), one thread each.

With `--lanes-packs-per-gpu` a pack that asks for a GPU waits for a place on one.
"""

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.gpus import Gpus, gpus_here
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.single import Single

GPU = "CUDA_VISIBLE_DEVICES"


class LocalExecutor(Packs, RemoteExecutor):
    """Runs packs and other jobs as processes on this machine."""

    def __init__(self, workflow, logger):
        packs = workflow.executor_settings.packs_per_gpu
        self.gpus = gpus_here(packs, logger.warning) if packs else Gpus([], 0)
        super().__init__(workflow, logger)

    async def start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        if not self.gpus.taken:
            return await super().start_some(waiting)
        on_gpu = [info for info in waiting if info.job.resources.get("gpu")]
        on_cpu = [info for info in waiting if not info.job.resources.get("gpu")]
        waiting = await self.start(
            on_gpu, lambda: self.gpus.free, lambda chosen: self.gpus.fits(_megabytes(chosen))
        )
        return waiting + await self.start(on_cpu, self.free_slots)

    def free_slots(self) -> int:
        return self.slots - sum(GPU not in process.extra for process in self.running)

    def process(self, chosen: list[SubmittedJobInfo]) -> Pack | Single:
        process = super().process(chosen)
        if self.gpus.taken and chosen[0].job.resources.get("gpu"):
            process.extra = {GPU: self.gpus.take(process, _megabytes(chosen))}
        return process

    def give_back(self, process: Pack | Single) -> None:
        self.gpus.give_back(process)

    def cancel_jobs(self, active_jobs):
        raise NotImplementedError("`cancel` ends the processes; jobs have none of their own")


def _megabytes(chosen: list[SubmittedJobInfo]) -> int:
    return max(info.job.resources.get("gpu_mb", 0) for info in chosen)
