"""A pack as a SLURM job."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes import folders
from snakemake_executor_plugin_lanes.cluster import options, submit
from snakemake_executor_plugin_lanes.cluster.adoption import Found
from snakemake_executor_plugin_lanes.cluster.commands import Away
from snakemake_executor_plugin_lanes.cluster.seen import Seen
from snakemake_executor_plugin_lanes.pack import Pack


class ClusterPack(Pack):
    """A pack whose process is a SLURM job.

    Each run succeeds when its marker appears; the others fail when the job is gone for good.

    executor: the `SlurmExecutor`, with the queue and `grace`: for so many seconds `squeue` must not
    show the job before it counts as gone. A requeued job is gone for a moment, and a shared file
    system may show markers late.
    """

    def __init__(self, members: Sequence[SubmittedJobInfo], executor):
        super().__init__(members)
        self.lead = max((m.job for m in members), key=_size)
        self.executor, self.queue, self.grace = executor, executor.queue, executor.grace
        self.job: str | None = None
        self.tried = self.gone_since = self.next_look = 0.0
        self.words = self.away = ""

    def adopt(self, found: Found) -> None:
        """Become the pack that a killed Snakemake left.

        Its folder stays if it has other runs, which nobody here waits for: the job needs it.
        """
        self.name, self.folder = found.folder.name, found.folder
        self.job, self.tried = found.job, time.monotonic()
        for number, member in found.members.items():
            member.external_jobid, member.aux = found.job, {"done": f"{number}.done"}

    def start(self) -> None:
        self.write()
        # As bytes, so that paths come out the same in any locale.
        self.script.write_bytes(os.fsencode(submit.script(self.lead, self.arguments)))
        self._submit()

    @property
    def script(self) -> Path:
        return self.folder / "batch.sh"

    def hear(self) -> None:
        """Take SLURM's answer to a submission, if it has come."""
        if self.queue.line.is_asked(self.name):
            self._ask()

    def _submit(self) -> None:
        self.tried = time.monotonic()
        self._ask()

    def _ask(self) -> None:
        try:
            if job := self.queue.line.ask(self.name, self._sbatch):
                self._confirm(job)
        except Away as said:  # `over` finds out whether the job was taken
            self.away = str(said)
        except WorkflowError as error:
            self.words = f"could not be started: {error}"
            self.executor.refused_at = time.monotonic()

    def _sbatch(self) -> str:
        lead = self.lead
        command = self.executor.calls.call(lead, self.name, self.log, str(lead.resources.pack))
        return submit.submit(command, self.script)

    def _confirm(self, job: str) -> None:
        is_new, self.job = self.job is None, job
        folders.note(self.folder, "job", job)
        for member in self.unsettled:
            member.external_jobid = job
        if is_new:
            self.executor.report.started(self)

    def settle(self) -> tuple[list[SubmittedJobInfo], list[SubmittedJobInfo]]:
        """As in `Pack`; once all its runs are there, it does not wait for the job to end.

        It looks only now and then: listing the folders of a hundred packs twice a second would
        burden a shared file system.
        """
        if self.job and time.monotonic() < self.next_look:
            return [], []
        self.next_look = time.monotonic() + self.queue.seconds / 4
        if not folders.is_there(self.folder):  # another Snakemake shared the job: all is done
            succeeded, self.unsettled, self.ended = self.unsettled, [], True
            return succeeded, []
        settled = super().settle()
        self.ended = not self.unsettled
        return settled

    def over(self) -> bool:
        if self.job is None:
            return self._is_refused()
        if self.queue.answered < self.tried:
            return False
        seen = self.queue.jobs.get(self.name)
        if seen is None or not seen.alive:
            self.gone_since = self.gone_since or self.queue.answered
            self.words = self._how_it_ended(seen) if seen else "is gone"
            grace = 0 if seen and seen.in_vain else self.grace
            return self.queue.answered - self.gone_since >= grace
        self.gone_since = 0.0
        if seen.job != self.job:  # SLURM took an earlier submission, but could not say so
            self._confirm(seen.job)
        if seen.hopeless:
            self.words = (
                f"would wait for ever ({seen.reason}); config/cluster.yaml: change {seen.hopeless}"
            )
            self.queue.line.tell(self.executor.withdraw, [self.job])
        return bool(seen.hopeless)

    def _is_refused(self) -> bool:
        """Hear whether SLURM has the pack, or submit it again once SLURM answers."""
        if self.queue.line.is_asked(self.name):
            self._ask()
        elif not self.words and self.queue.answered >= self.tried:
            seen = self.queue.jobs.get(self.name)
            self._confirm(seen.job) if seen else self._submit()
        return bool(self.words)

    def _how_it_ended(self, seen: Seen) -> str:
        notice = self.lead.resources.get("notice", options.NOTICE)
        return f"{seen.how_it_ended(notice)} on {seen.node or 'no node'}"

    @property
    def begun(self) -> str:
        return f"submitted, SLURM job {self.job}"

    @property
    def state(self) -> str:
        """What SLURM says about a job that is not running; empty for one that runs."""
        if self.job is None:
            return f"not yet accepted by SLURM: {self.away}" if self.away else "being submitted"
        seen = self.queue.jobs.get(self.name)
        return "" if seen is None or seen.state == "RUNNING" else str(seen)

    def tidy(self) -> None:
        if self.ended and self.job is None:  # it was refused
            self.discard()
        super().tidy()

    def how_it_ended(self) -> str:
        if self.job is None:
            return self.words
        return f"(SLURM job {self.job}) {self.words}, and this run has no result"


def _size(job) -> tuple[int, int]:
    """Sort key of a job's requests; the greatest becomes the pack's.

    Memory decides between equal times: retries may have reached the longest time already.
    """
    return job.resources.get("runtime", 0), job.resources.get("mem_mb", 0)
