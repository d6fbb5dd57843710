"""The SLURM backend: jobs with a `pack` and a `runtime` go to the cluster, packed.

All other jobs (data, tables, figures) are small and run here, on the login node, as in the local
backend. A pack is one `sbatch`; Snakemake does not run inside it. Packs that are in the queue when
a Snakemake is killed are adopted by the next one.

The stock SLURM plugin makes the `sbatch` call: settings and resources mean the same in both.
"""

import math
import time
from collections.abc import Iterable

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes import internals
from snakemake_executor_plugin_lanes.cluster.adoption import LeftOver, without
from snakemake_executor_plugin_lanes.cluster.calls import Calls
from snakemake_executor_plugin_lanes.cluster.line import Line
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue, cancel
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.settings import refuse_unused

QUIET_SECONDS = 1.0  # jobs are released one after another; packs are made once all are there
CONCURRENCY = 100  # packs in the queue or running at a time, without a resource `concurrency`


class SlurmExecutor(Packs):
    """`running` holds the processes on this machine and the packs in SLURM's queue.

    grace: seconds that `squeue` must not show a job before it counts as gone.
    """

    poll_seconds = 0.2

    def __init__(self, workflow, logger):
        settings = workflow.executor_settings
        refuse_unused(settings)
        self.line = Line()
        self.queue = Queue(settings.status_seconds, self.line, logger.warning, self._given_up)
        self.grace = settings.grace_seconds
        self.calls = Calls(settings, logger, self._given_up)
        self.left_over = LeftOver(
            SPOOL,
            self.queue,
            self.grace,
            is_forced=lambda job: internals.is_forced(workflow, job),
            put_back=lambda files: self.aside.settle(files),
            say=logger.info,
        )
        self.tested, self.refused_at = False, -math.inf
        super().__init__(workflow, logger)
        self.slots = workflow.resource_settings.local_cores or 1

    def _given_up(self) -> bool:
        return not self.wait

    def run_jobs(self, jobs):
        try:
            self._test()
        except WorkflowError as error:
            # The scheduler prints it and ends; raised here, it would come with our stack trace.
            self.workflow.scheduler.executor_error_callback(error.with_traceback(None))
            return
        super().run_jobs(jobs)

    def _test(self) -> None:
        """Before anything is started: would SLURM take all of it?

        A refusal later on, of a retry that asks for more, costs that pack and nothing else.
        """
        if not self.tested:
            self.tested = True
            self.calls.test([*filter(_goes_to_cluster, internals.needed(self.workflow))])

    async def start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        far = [info for info in waiting if _goes_to_cluster(info.job)]
        here = [info for info in waiting if not _goes_to_cluster(info.job)]
        here = await self.start(here, self.free_slots)
        left = self._adopt(far)
        if self._is_quiet() and left is not None:
            limit = min((i.job.resources.get("concurrency", CONCURRENCY) for i in left), default=0)
            far = await self.start(left, lambda: self._room_in_queue(limit))
        return far + here

    def _is_quiet(self) -> bool:
        """Have all jobs been released that may be packed together or adopted?"""
        return time.monotonic() - self.last_release > QUIET_SECONDS

    @property
    def _packs(self) -> list[ClusterPack]:
        return [process for process in self.running if isinstance(process, ClusterPack)]

    def free_slots(self) -> int:
        return self.slots - (len(self.running) - len(self._packs))

    def _room_in_queue(self, limit: int) -> int:
        """No room for a while after a refusal, which may pass: it must not cost all retries.

        One pack at a time is submitted; while SLURM is away, more would only wait.
        """
        packs = self._packs
        if time.monotonic() - self.refused_at < self.grace:
            return 0
        return limit - len(packs) if all(pack.job for pack in packs) else 0

    def process(self, chosen: list[SubmittedJobInfo]):
        if not _goes_to_cluster(chosen[0].job):
            return super().process(chosen)
        return ClusterPack(chosen, self)

    def announce(self, process) -> None:
        """A pack is announced once SLURM has it."""
        if not isinstance(process, ClusterPack):
            super().announce(process)

    def _adopt(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo] | None:
        """Take over packs of an earlier Snakemake; returns the jobs that still need a pack.

        None until that is known.
        """
        if self._packs or self.left_over.packs:
            self.queue.look()
        if not (self.left_over.packs and waiting):
            return waiting
        if not self._is_quiet():
            return None
        found = self.left_over.whose(waiting)
        if found is None:
            return None
        for one in found:
            pack = ClusterPack(list(one.members.values()), self)
            pack.adopt(one)
            self.running.append(pack)
            for info in pack.unsettled:
                self.aside.watch(info.job)
            self.report.adopted(pack)
            self.logger.info(f"adopted SLURM job {one.job}: {len(one.members)} jobs")
        return without(waiting, found)

    def stop_all(self) -> bool:
        self.line.hang_up()  # a job that is just being submitted has an id then
        packs = [pack for pack in self._packs if pack.unsettled]  # the others end by themselves
        for pack in packs:
            pack.hear()
        refused = self.withdraw(
            [pack.job for pack in packs if pack.job],
            [pack.name for pack in packs if pack.away],  # such a pack may have several jobs
        )
        super().stop_all()
        return not refused

    def withdraw(self, jobs: Iterable[str], names: Iterable[str] = ()) -> str:
        """Cancel jobs, by id and by name; returns, and says, why some may go on."""
        if refused := cancel(jobs, names):
            self.logger.warning(
                f"Packs may still be in SLURM's queue ({refused}): scancel them, or run Snakemake "
                "again, which takes them over."
            )
        return refused


def _goes_to_cluster(job) -> bool:
    return bool(job.resources.get("pack") and job.resources.get("runtime"))
