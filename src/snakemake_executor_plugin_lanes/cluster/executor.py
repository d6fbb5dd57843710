"""The SLURM backend: jobs with a `pack` and a `runtime` go to the cluster, packed.

All other jobs (data, tables, figures) are small and run here, on the login node, as in the local
backend. A pack is one `sbatch`; Snakemake does not run inside it. Packs that are in the queue when
a Snakemake is killed are adopted by the next one.

The class builds on the stock SLURM plugin, which makes the `sbatch` call: settings and resources
mean the same in both. We add the packs and the watching of them.
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

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes.cluster import options, submit
from snakemake_executor_plugin_lanes.cluster.adoption import LeftOver, without
from snakemake_executor_plugin_lanes.cluster.commands import Away
from snakemake_executor_plugin_lanes.cluster.limits import Limits, ask_sinfo
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue, cancel
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.settings import refuse_unused

QUIET_SECONDS = 1.0  # jobs are released one after another; packs are made once all are there
CONCURRENCY = 100  # packs in the queue or running at a time, without a resource `concurrency`


class SlurmExecutor(Packs, StockExecutor):
    """`running` holds the processes on this machine and the packs in SLURM's queue."""

    poll_seconds = 0.5

    def __init__(self, workflow, logger):
        settings = workflow.executor_settings
        refuse_unused(settings)
        self.queue = Queue(settings.status_seconds, logger.warning, lambda: not self.wait)
        self.grace = settings.grace_seconds
        self.known_limits: Limits | None = None
        self.limits_asked = -math.inf
        self.left_over = LeftOver(SPOOL, self.queue, self.grace, self._is_forced, logger.info)
        self.tested, self.refused_at = False, -math.inf
        super().__init__(workflow, logger)
        self.slots = workflow.resource_settings.local_cores or 1

    def run_jobs(self, jobs):
        try:
            self._test(self.workflow.dag.needrun_jobs())
        except WorkflowError as error:
            # The scheduler prints it and ends; raised here, it would come with our stack trace.
            self.workflow.scheduler.executor_error_callback(error.with_traceback(None))
            return
        super().run_jobs(jobs)

    def _test(self, jobs) -> None:
        """Ask SLURM, before anything is started, whether it would take each kind of job.

        A refusal later on, of a retry that asks for more, costs that pack and nothing else.
        """
        far = [] if self.tested else [job for job in jobs if _goes_to_cluster(job)]
        self.tested = True
        if far:
            _slurm_must_be_here()
        for job in far:
            self.limits.test(job, self._partition(job))
        calls = {tuple(self.call(job, "test", "/dev/null", "test")): job for job in reversed(far)}
        try:
            for call, job in calls.items():
                self._test_call(call, job)
        except Away as said:
            self.logger.warning(f"SLURM takes no jobs at present ({said}); packs wait for it.")

    def _test_call(self, call: tuple[str, ...], job) -> None:
        try:
            submit.test(call, job.resources.pack)
        except submit.NoSuchNode as said:
            # `--test-only` wants nodes that are up now; `sbatch` itself queues the job.
            if not self.limits.some_rest(self._partition(job)):
                raise
            self.logger.warning(f"{said}; some nodes are down or drained, so packs wait for them.")

    @property
    def limits(self) -> Limits:
        """The partitions' limits, asked for as often as the queue; none until SLURM answers."""
        if not self.known_limits and time.monotonic() - self.limits_asked >= self.queue.seconds:
            self.known_limits = ask_sinfo(self.queue.given_up)
            self.limits_asked = time.monotonic()
        return self.known_limits or Limits()

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
        )

    def _partition(self, job) -> str | None:
        """The job's own, or by the stock plugin's table, or the user's default; None: SLURM's."""
        if not (job.resources.get("slurm_partition") or self._partitions):
            return os.environ.get("SBATCH_PARTITION")
        option = shlex.split(self.get_partition_arg(job))
        return option[1] if option else None

    async def start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        far = [info for info in waiting if _goes_to_cluster(info.job)]
        here = [info for info in waiting if not _goes_to_cluster(info.job)]
        here = await self.start(here, self.free_slots)  # first: SLURM may take its time
        left = self._adopt(far)
        # A pack that SLURM has not confirmed means that SLURM is away, and more would only wait.
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

    async def launch(self, chosen: list[SubmittedJobInfo]) -> bool:
        started = await super().launch(chosen)
        if not started and _goes_to_cluster(chosen[0].job):
            self.refused_at = time.monotonic()
        return started

    def _room_in_queue(self, limit: int) -> int:
        """No room for a while after a refusal, which may pass: it must not cost all retries."""
        packs = self._packs
        if time.monotonic() - self.refused_at < self.grace:
            return 0
        return limit - len(packs) if all(pack.job for pack in packs) else 0

    def process(self, chosen: list[SubmittedJobInfo]):
        if not _goes_to_cluster(chosen[0].job):
            return super().process(chosen)
        return ClusterPack(chosen, self)

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
            self.report.adopted(pack)
            self.logger.info(f"adopted SLURM job {one.job}: {len(one.members)} jobs")
        return without(waiting, found)

    def _is_forced(self, job) -> bool:
        return self.workflow.dag.reason(job).forced

    def stop_all(self) -> bool:
        packs = [pack for pack in self._packs if pack.unsettled]  # the others end by themselves
        refused = cancel(
            [pack.job for pack in packs if pack.job],
            [pack.name for pack in packs if pack.away],  # such a pack may have several jobs
        )
        super().stop_all()
        if refused:
            self.logger.warning(
                f"Packs may still be in SLURM's queue ({refused}): scancel them, or run Snakemake "
                "again, which takes them over."
            )
        return not refused


def _slurm_must_be_here() -> None:
    for program in ("sbatch", "squeue", "scancel", "sinfo"):
        if shutil.which(program) is None:
            raise WorkflowError(
                f"--profile slurm: there is no `{program}` here; run Snakemake on a login node of "
                "a SLURM cluster, or leave the profile out to compute on this machine."
            )


def _goes_to_cluster(job) -> bool:
    return bool(job.resources.get("pack") and job.resources.get("runtime"))
