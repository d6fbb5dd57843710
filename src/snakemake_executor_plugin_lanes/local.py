"""The local backend: as many processes at a time as there are cores (`-c`), one thread each.

Packs that compute on the CPU are split where cores would have nothing to do otherwise. With
`--lanes-packs-per-gpu` a pack that asks for a GPU waits for a place on one.
"""

import math
import os
from functools import cached_property

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes.estimate import work_left
from snakemake_executor_plugin_lanes.gpus import Gpus, gpus_here, visible_here
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.single import Single

GPU = "CUDA_VISIBLE_DEVICES"
PROCESS_MB = 2000  # memory of PyTorch and the data, which another process takes again


class LocalExecutor(Packs):
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

    def share(self, waiting: list[SubmittedJobInfo]) -> float:
        if not all(map(self._on_cpu, waiting)):
            return math.inf  # packs on a GPU share its memory and are fastest when they are full
        left = sum(info.aux["work"] for info in waiting)
        left += sum(map(work_left, self.running))
        return left / max(1, min(self.slots, _memory_mb() // PROCESS_MB))

    def _on_cpu(self, info: SubmittedJobInfo) -> bool:
        device = info.job.resources.get("device", "cpu")
        return device == "cpu" or (device == "auto" and not self._gpu_here)

    @cached_property
    def _gpu_here(self) -> bool:
        return bool(visible_here())

    def process(self, chosen: list[SubmittedJobInfo]) -> Pack | Single:
        process = super().process(chosen)
        if self.gpus.taken and chosen[0].job.resources.get("gpu"):
            process.extra = {GPU: self.gpus.take(process, _megabytes(chosen))}
        return process

    def give_back(self, process: Pack | Single) -> None:
        self.gpus.give_back(process)


def _memory_mb() -> int:
    """Megabytes of this machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20


def _megabytes(chosen: list[SubmittedJobInfo]) -> int:
    return max(info.job.resources.get("gpu_mb", 0) for info in chosen)
