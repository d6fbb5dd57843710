"""The local backend: at most as many processes at a time as cores (`-c`), one thread each."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Sequence

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.packing import Waiting, next_pack
from snakemake_executor_plugin_lanes.process import how_it_ended, stop
from snakemake_executor_plugin_lanes.report import Report
from snakemake_executor_plugin_lanes.single import Single

POLL_SECONDS = 0.1


class LocalExecutor(RemoteExecutor):
    """All work happens in the base class's thread, which calls `check_active_jobs` for ever."""

    def __init__(self, workflow, logger):
        self.slots = workflow.resource_settings.cores or len(os.sched_getaffinity(0))
        self.running: list[Pack | Single] = []
        self.report = Report(workflow.executor_settings.report_seconds, logger.info)
        super().__init__(workflow, logger)  # last: it starts the thread that uses the above

    async def sleep(self):
        await asyncio.sleep(POLL_SECONDS)

    def run_jobs(self, jobs):
        if threading.current_thread() is threading.main_thread():
            # Snakemake's own way with SIGTERM is to wait for all that was released, hours of it.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        for job in jobs:
            self.run_job(job)

    def run_job(self, job):
        if job.is_group() or not job.is_shell:
            raise WorkflowError(
                f"{job}: the executor `lanes` runs `shell` jobs only; use another --executor."
            )
        # Results are renamed into place when they are whole, so nothing needs to be marked as
        # incomplete; a run that was finished when Snakemake was killed stays finished.
        self.report_job_submission(SubmittedJobInfo(job), register_job=False)
        self.report.released(job)

    async def check_active_jobs(
        self, active_jobs: Sequence[SubmittedJobInfo]
    ) -> AsyncIterator[SubmittedJobInfo]:
        waiting = [info for info in active_jobs if info.external_jobid is None]
        for process in self.running:
            self._settle(process)
        self.running = [process for process in self.running if not process.ended]
        while waiting and len(self.running) < self.slots:
            chosen = [one.job for one in next_pack([_waiting(info) for info in waiting])]
            taken = {id(info) for info in chosen}
            waiting = [info for info in waiting if id(info) not in taken]
            await self._launch(chosen)
        self.report.look(self.running, len(waiting))
        for info in [*waiting, *(info for process in self.running for info in process.unsettled)]:
            yield info

    async def _launch(self, chosen: list[SubmittedJobInfo]) -> None:
        process = (Pack if chosen[0].job.resources.get("pack") else Single)(chosen)
        try:
            for info in chosen:
                await self._prepare(info.job)
            process.start()
        except (OSError, WorkflowError) as error:
            for info in chosen:
                self.report_job_error(info, msg=f"it could not be started: {error}. ")
            return
        self.report.started(process)
        self.running.append(process)

    async def _prepare(self, job) -> None:
        """Remove what is to be made anew, and note what it is made from.

        Snakemake notes this when a job has ended. Noted before, a file that is finished while or
        after this process is killed is known with its parameters like any other.
        """
        await job.prepare()
        await self.workflow.persistence.finished(job)

    def _settle(self, process: Pack | Single) -> None:
        succeeded, failed = process.settle()
        for info in succeeded:
            self.report.succeeded(info.job)
            self.report_job_success(info)
        for info in failed:
            how = how_it_ended(process.process.returncode)
            logs = [str(process.log)] if process.log else []
            self.report_job_error(info, msg=f"{process.name} {how}. ", aux_logs=logs)
        if process.ended:
            process.tidy()

    def print_job_error(self, job_info, msg=None, **kwargs):
        job_info.job.log_error(msg, **kwargs)

    def cancel(self):
        self.shutdown()  # first, so that nothing more is started
        stop([process.process for process in self.running])

    def cancel_jobs(self, active_jobs):
        raise NotImplementedError("`cancel` ends the processes; jobs have none of their own")


def _waiting(info: SubmittedJobInfo) -> Waiting:
    job = info.job
    lr = job.wildcards.get("lr")
    return Waiting(
        info,
        pack=f"{job.name} {job.resources.pack}" if job.resources.get("pack") else "",
        lanes=job.resources.get("lanes", 1),
        work=job.resources.get("work", 1),
        priority=job.priority,
        likeness=(float(lr) if lr else 0.0, str(job.output)),
    )
