"""The SLURM backend: jobs that say how long they take (`runtime`) go to the cluster, packed.

All else (data, tables, figures) is small and runs here, on the login node, as the local backend
does it. A pack is one `sbatch`; nothing of Snakemake runs inside. What was in the queue when a
Snakemake was killed is adopted by the next one.

The stock plugin is the base: its settings and resources mean here what they mean there, and it
builds the `sbatch` call. Ours are the packs and the watching of them.
"""

import math
import os
import shlex
import shutil
import time
from pathlib import Path

from snakemake_executor_plugin_slurm import Executor as StockExecutor
from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes.cluster import options, submit
from snakemake_executor_plugin_lanes.cluster.adoption import LeftOver, without
from snakemake_executor_plugin_lanes.cluster.commands import Away
from snakemake_executor_plugin_lanes.cluster.limits import Limits, ask_sinfo
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue, cancel
from snakemake_executor_plugin_lanes.pack import SPOOL
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.settings import refuse_unused

QUIET_SECONDS = 1.0  # jobs are released one after the other; packs are made when all are there
CONCURRENCY = 100  # packs in the queue or running at a time, where no resource `concurrency` is


class SlurmExecutor(Packs, StockExecutor):
    """`running` holds what runs here and what is in SLURM's queue."""

    poll_seconds = 0.5

    def __init__(self, workflow, logger):
        settings = workflow.executor_settings
        refuse_unused(settings)
        self.queue = Queue(settings.status_seconds, logger.warning)
        self.grace = settings.grace_seconds
        self.known_limits: Limits | None = None
        self.limits_asked = -math.inf
        self.left_over = LeftOver(SPOOL, self.grace, logger.info)
        self.tested = False
        super().__init__(workflow, logger)
        self.slots = workflow.resource_settings.local_cores or 1

    def run_jobs(self, jobs):
        try:
            self._test(self.workflow.dag.needrun_jobs())
        except WorkflowError as error:
            # The scheduler says it and ends; raised here it would show our stack too.
            self.workflow.scheduler.executor_error_callback(error.with_traceback(None))
            return
        super().run_jobs(jobs)

    def _test(self, jobs) -> None:
        """Each kind of job, before anything is started: is it one that SLURM would take?

        What is refused later, a retry that asks for more, costs that pack and nothing else.
        """
        far = [] if self.tested else [job for job in jobs if _goes_to_cluster(job)]
        self.tested = True
        if far:
            _must_be_here("sbatch", "squeue", "scancel", "sinfo")
        for job in far:
            self.limits.test(job, self._partition(job))
        try:
            calls = (tuple(self.call(job, "test", "/dev/null", "test")) for job in far)
            for call in dict.fromkeys(calls):
                submit.test(call)
        except Away as said:
            self.logger.warning(f"SLURM takes no jobs at present ({said}); packs wait for it.")

    @property
    def limits(self) -> Limits:
        """Asked for until SLURM answers, as often as its queue; none till then."""
        if not self.known_limits and time.monotonic() - self.limits_asked >= self.queue.seconds:
            self.known_limits = ask_sinfo()
            self.limits_asked = time.monotonic()
        return self.known_limits or Limits({})

    def call(self, job, name: str, log: Path | str, comment: str) -> list[str]:
        """The `sbatch` call for a pack led by `job`, without its script."""
        return options.command(
            job,
            name,
            log,
            comment,
            partition=self._partition(job),
            limits=self.limits,
            settings=self.workflow.executor_settings,
            failed_nodes=self._failed_nodes,
        )

    def _partition(self, job) -> str | None:
        """By name, or by the stock plugin's table, or the user's own default; None: SLURM's."""
        if not (job.resources.get("slurm_partition") or self._partitions):
            return os.environ.get("SBATCH_PARTITION")
        option = shlex.split(self.get_partition_arg(job))
        return option[1] if option else None

    async def start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        far = [info for info in waiting if _goes_to_cluster(info.job)]
        here = [info for info in waiting if not _goes_to_cluster(info.job)]
        far = self._adopt(far)
        self.queue.look(pack.name for pack in self._packs)
        # Where SLURM has not confirmed a pack it is away, and more would wait as well.
        if self._is_quiet() and not self.left_over.packs:
            limit = min((i.job.resources.get("concurrency", CONCURRENCY) for i in far), default=0)
            far = await self.start(far, lambda: self._room_in_queue(limit))
        return far + await self.start(here, self.free_slots)

    def _is_quiet(self) -> bool:
        """All jobs that may be packed, or be those of an earlier Snakemake, are there."""
        return time.monotonic() - self.last_release > QUIET_SECONDS

    @property
    def _packs(self) -> list[ClusterPack]:
        return [process for process in self.running if isinstance(process, ClusterPack)]

    def free_slots(self) -> int:
        return self.slots - (len(self.running) - len(self._packs))

    def _room_in_queue(self, limit: int) -> int:
        packs = self._packs
        return limit - len(packs) if all(pack.job for pack in packs) else 0

    def process(self, chosen: list[SubmittedJobInfo]):
        if not _goes_to_cluster(chosen[0].job):
            return super().process(chosen)
        return ClusterPack(chosen, self)

    def _adopt(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        """Jobs that packs of an earlier Snakemake are at work on need no new ones."""
        if not (self.left_over.packs and waiting and self._is_quiet()):
            return waiting
        found = self.left_over.whose(waiting, self.queue, self._is_forced)
        for one in found:
            pack = ClusterPack(list(one.members.values()), self)
            pack.adopt(one)
            self.running.append(pack)
            self.logger.info(f"adopted SLURM job {one.job}: {len(one.members)} jobs")
        return without(waiting, found)

    def _is_forced(self, job) -> bool:
        return self.workflow.dag.reason(job).forced

    def stop_all(self) -> None:
        packs = self._packs
        heard = cancel(
            [pack.job for pack in packs if pack.job],
            [pack.name for pack in packs if pack.away],  # it may have more than one
        )
        super().stop_all()
        if not heard:
            self.logger.warning(
                "SLURM does not answer, so packs may be in its queue still: scancel them, or call "
                "Snakemake again, which takes them over."
            )


def _must_be_here(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise WorkflowError(
                f"--profile slurm: there is no `{program}` here; call it on a login node of a "
                "SLURM cluster, or leave the profile out to compute on this machine."
            )


def _goes_to_cluster(job) -> bool:
    return bool(job.resources.get("pack") and job.resources.get("runtime"))
