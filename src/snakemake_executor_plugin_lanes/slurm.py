"""The SLURM backend: jobs that say how long they take (`runtime`) go to the cluster, packed.

All else (data, tables, figures) is small and runs here, on the login node, as the local backend
does it. A pack is one `sbatch`; nothing of Snakemake runs inside. What was in the queue when a
Snakemake was killed is adopted by the next one.
"""

import asyncio
import shutil
import time
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes import submit
from snakemake_executor_plugin_lanes.cluster_pack import ClusterPack, on_disk
from snakemake_executor_plugin_lanes.local import LocalExecutor
from snakemake_executor_plugin_lanes.pack import SPOOL
from snakemake_executor_plugin_lanes.process import stop
from snakemake_executor_plugin_lanes.queue import Queue, Seen, cancel

QUIET_SECONDS = 1.0  # jobs are released one after the other; packs are made when all are there
POLL_SECONDS = 0.5
CONCURRENCY = 100  # packs in the queue or running at a time, where no resource `concurrency` is


class SlurmExecutor(LocalExecutor):
    """`running` holds what runs here and what is in SLURM's queue."""

    def __init__(self, workflow, logger):
        self.queue = Queue(workflow.executor_settings.status_seconds)
        self.left_over = on_disk(SPOOL)
        self.tested: set[str] = set()
        super().__init__(workflow, logger)
        self.slots = workflow.resource_settings.local_cores or 1

    async def sleep(self):
        await asyncio.sleep(POLL_SECONDS)

    def run_jobs(self, jobs):
        try:
            self._test(self.workflow.dag.needrun_jobs())
        except WorkflowError as error:
            # Raised by the scheduler, which cancels all; raised here it would show our stack too.
            self.workflow.scheduler.executor_error_callback(error.with_traceback(None))
            return
        super().run_jobs(jobs)

    def _test(self, jobs) -> None:
        """Each kind of job once, before anything is started: is it one that SLURM would take?"""
        if not self.tested:
            _must_be_here("sbatch", "squeue", "scancel")
        for job in filter(_goes_to_cluster, jobs):
            call = submit.command(job, "test", "/dev/null", self.workflow.workdir_init)
            call = call.replace(f"--comment {job.resources.pack}", "")
            if call not in self.tested:
                self.tested.add(call)
                try:
                    submit.test(call)
                except submit.Away:
                    self.logger.warning("SLURM does not answer; packs wait until it does.")
                    return

    async def _start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        far = [info for info in waiting if _goes_to_cluster(info.job)]
        here = [info for info in waiting if not _goes_to_cluster(info.job)]
        far = self._adopt(far)
        self.queue.look(pack.name for pack in self._packs)
        # Where SLURM has not confirmed a pack it is away, and more would wait as well.
        if time.monotonic() - self.released > QUIET_SECONDS and not self.left_over:
            limit = min((i.job.resources.get("concurrency", CONCURRENCY) for i in far), default=0)
            far = await self._start(far, lambda: self._room_in_queue(limit))
        return far + await self._start(here, self._free_slots)

    @property
    def _packs(self) -> list[ClusterPack]:
        return [process for process in self.running if isinstance(process, ClusterPack)]

    def _free_slots(self) -> int:
        return self.slots - (len(self.running) - len(self._packs))

    def _room_in_queue(self, limit: int) -> int:
        packs = self._packs
        return limit - len(packs) if all(pack.job for pack in packs) else 0

    def _process(self, chosen: list[SubmittedJobInfo]):
        if not _goes_to_cluster(chosen[0].job):
            return super()._process(chosen)
        return ClusterPack(chosen, self.queue, self.workflow.executor_settings.grace_seconds)

    def _adopt(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        """Jobs that packs of an earlier Snakemake are at work on need no new ones."""
        if not self.left_over or time.monotonic() - self.released < QUIET_SECONDS:
            return waiting
        self.queue.look(self.left_over)
        if not self.queue.answered:
            return waiting  # nothing is submitted before it is known what runs
        by_output = {str(info.job.output[0]): info for info in waiting}
        for name, content in self.left_over.items():
            seen, folder = self.queue.jobs.get(name), SPOOL.absolute() / name
            members = {
                number: by_output.pop(run["out"])
                for number, run in enumerate(content["runs"])
                if self._is_under_way(run, by_output.get(run["out"]), folder, number, seen)
            }
            if members:
                grace = self.workflow.executor_settings.grace_seconds
                job = content["job"]
                self.running.append(ClusterPack.adopt(folder, job, members, self.queue, grace))
                self.logger.info(f"adopted SLURM job {job}: {len(members)} jobs")
        self.left_over = {}
        return list(by_output.values())

    def _is_under_way(self, run: dict, info, folder: Path, number: int, seen: Seen | None) -> bool:
        """Is this the run that is waited for, of the same settings and code, and still to come?

        It may have come while this Snakemake was starting.
        """
        if info is None or any(run.get(k) != v for k, v in info.job.params.items()):
            return False
        if folder.exists() and not (folder / f"{number}.done").exists():
            return seen is not None and seen.alive
        return Path(run["out"]).exists() and not self.workflow.dag.reason(info.job).forced

    def cancel(self):
        self.shutdown()  # first, so that nothing more is started
        packs = self._packs
        cancel(
            [pack.job for pack in packs if pack.job],
            [pack.name for pack in packs if not pack.job],
        )
        stop([one.process for one in self.running if one.process])


def _must_be_here(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise WorkflowError(
                f"--profile slurm: there is no `{program}` here; call it on a login node of a "
                "SLURM cluster, or leave the profile out to compute on this machine."
            )


def _goes_to_cluster(job) -> bool:
    return bool(job.resources.get("pack") and job.resources.get("runtime"))
