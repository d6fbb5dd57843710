"""What the backends share: they make packs of released jobs, start them and settle them."""

import asyncio
import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes import folders, internals
from snakemake_executor_plugin_lanes.aside import Aside
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.packing import Waiting, packs_in_order
from snakemake_executor_plugin_lanes.process import deaf, stop
from snakemake_executor_plugin_lanes.release import released
from snakemake_executor_plugin_lanes.report import Report
from snakemake_executor_plugin_lanes.single import Single


class Packs(RemoteExecutor):
    """An executor of packs and other jobs; a backend says how many start, and where.

    All work happens in the thread of `RemoteExecutor`, which calls `check_active_jobs` again and
    again. running: the local processes and cluster jobs under way. slots: how many processes may
    run here at a time.
    """

    poll_seconds = 0.1

    def __init__(self, workflow, logger):
        self.slots = workflow.resource_settings.cores or len(os.sched_getaffinity(0))
        self.running: list[Pack | Single] = []
        self.report = Report(workflow.executor_settings.report_seconds, logger.info)
        self.last_release = time.monotonic()
        self.aside = Aside(workflow)
        folders.clear(SPOOL, self.aside.settle)
        super().__init__(workflow, logger)  # last: it starts the thread that uses the above

    async def _wait_for_jobs(self):
        """Start only once there is a job: with nothing to do, Python exits under a busy thread."""
        while self.wait and not self.active_jobs:
            await self.sleep()
        await super()._wait_for_jobs()

    async def sleep(self):
        await asyncio.sleep(self.poll_seconds)

    def run_jobs(self, jobs):
        if threading.current_thread() is threading.main_thread():
            # On SIGTERM, Snakemake itself would wait for all released jobs, which may take hours.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        infos = [released(job) for job in jobs]
        if not self.report.expected:  # before the first job: none has ended
            self.report.expected = len(internals.needed(self.workflow))
        for job in jobs:
            self.report.released(job)
        self.last_release = time.monotonic()
        # Not one by one (`report_job_submission`), or packs would be made of the first few alone.
        # Results are renamed into place when they are whole, so nothing needs to be marked as
        # incomplete; a run that was finished when Snakemake was killed stays finished.
        with self.lock:
            self.active_jobs += infos

    def run_job(self, job):
        self.run_jobs([job])

    async def check_active_jobs(
        self, active_jobs: Sequence[SubmittedJobInfo]
    ) -> AsyncIterator[SubmittedJobInfo]:
        waiting = [info for info in active_jobs if info.external_jobid is None]
        for process in self.running:
            self._settle(process)
        self.running = [process for process in self.running if not process.ended]
        waiting = await self.start_some(waiting)
        self.report.look(self.running, len(waiting))
        for info in [*waiting, *(info for process in self.running for info in process.unsettled)]:
            yield info

    async def start_some(self, waiting: list[SubmittedJobInfo]) -> list[SubmittedJobInfo]:
        """Start the jobs there is room for; returns those that have to wait."""
        return await self.start(waiting, self.free_slots)

    def free_slots(self) -> int:
        return self.slots - len(self.running)

    async def start(
        self,
        waiting: list[SubmittedJobInfo],
        room: Callable[[], int],
        fits: Callable[[list[SubmittedJobInfo]], bool] = lambda chosen: True,
    ) -> list[SubmittedJobInfo]:
        """Start packs while there is `room()` and the next one `fits`; returns the jobs left.

        No more start once Snakemake was told to stop: `wait` is false from then on.
        """
        if not waiting or room() <= 0:
            return waiting
        taken: set[int] = set()
        jobs = [Waiting(info, **info.aux) for info in waiting]
        for pack in packs_in_order(jobs, self.share(waiting)):
            chosen = [one.job for one in pack]
            if not (self.wait and room() > 0 and fits(chosen)):
                break
            taken |= {id(info) for info in chosen}
            await self.launch(chosen)
        return [info for info in waiting if id(info) not in taken]

    async def launch(self, chosen: list[SubmittedJobInfo]) -> None:
        """Start a process for these jobs; if that fails, so do they."""
        process = self.process(chosen)
        try:
            for info in chosen:
                await internals.prepare(self.workflow, info.job, self.aside.set)
            process.start()
        except internals.CANNOT_START as error:
            self.give_back(process)
            process.discard()
            self._fail(chosen, f"{process.name} could not be started: {error}")
            return
        self.running.append(process)
        self.announce(process)

    def announce(self, process: Pack | Single) -> None:
        """Say that the process has started."""
        self.report.started(process)

    def share(self, waiting: list[SubmittedJobInfo]) -> float:
        """Milliseconds of work of each process, if all had the same; infinite to split none."""
        return math.inf

    def process(self, chosen: list[SubmittedJobInfo]) -> Pack | Single:
        """The process to start for these jobs."""
        return (Pack if chosen[0].job.resources.get("pack") else Single)(chosen)

    def give_back(self, process: Pack | Single) -> None:
        """Free what the process occupied for others."""

    def _settle(self, process: Pack | Single) -> None:
        try:
            succeeded, failed = process.settle()
        except OSError:
            return  # a shared file system may be away for a moment; the next look tries again
        for info in succeeded:
            self.report.succeeded(info.job)
            self.report_job_success(info)
        if failed:
            logs = [str(process.log)] if process.log and os.path.exists(process.log) else []
            self._fail(failed, f"{process.name} {process.how_it_ended()}", logs)
        if process.ended:
            self.give_back(process)
            process.tidy()

    def _fail(self, failed: list[SubmittedJobInfo], why: str, logs: Sequence[str] = ()) -> None:
        self.report.failed([info.job for info in failed], why, logs)
        for info in failed:
            self.report_job_error(info, msg=f"{why}. ", aux_logs=logs)

    def handle_job_success(self, job):
        self.aside.drop(job)

    def handle_job_error(self, job):
        self.aside.put_back(job)

    def print_job_error(self, job_info, msg=None, **kwargs):
        job_info.job.log_error(msg, **kwargs)

    def shutdown(self):
        """End whatever is still under way: Snakemake was told to stop, or there was an error."""
        with deaf():
            with contextlib.suppress(OSError):  # it makes and removes a folder; disks may be full
                super().shutdown()  # first, so that nothing new is started
            if self.stop_all():
                self.aside.settle_all()
            for process in self.running:
                process.tidy()
            self.report.last_words()

    def cancel(self):
        self.shutdown()

    def cancel_jobs(self, active_jobs):
        raise NotImplementedError("`cancel` ends the processes; jobs have none of their own")

    def stop_all(self) -> bool:
        """End what is under way; False if something may go on."""
        stop([one.process for one in self.running if one.process])
        return True
