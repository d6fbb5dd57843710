"""A job without a pack: runs its shell command as Snakemake's own executor would."""

from subprocess import Popen

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from snakemake_executor_plugin_lanes import internals
from snakemake_executor_plugin_lanes.process import how_it_ended, start


class Single:
    """One process, one job."""

    begun, state = "started", ""
    log = None  # what the command prints goes where Snakemake's own output goes

    def __init__(self, members: list[SubmittedJobInfo]):
        self.unsettled = list(members)
        self.lead = members[0].job
        self.name = f"its command (rule {self.lead.name})"
        self.process: Popen | None = None
        self.ended = False
        self.extra: dict[str, str] = {}  # of the environment
        for member in members:
            member.external_jobid = f"{self.lead.name}-{self.lead.jobid}"

    def start(self) -> None:
        self.process = start(internals.command(self.lead), extra=self.extra)

    def settle(self) -> tuple[list[SubmittedJobInfo], list[SubmittedJobInfo]]:
        """As in `Pack`: the job succeeds or fails when its command ends."""
        code = self.process.poll() if self.process else None
        self.ended = code is not None
        if not self.ended:
            return [], []
        settled, self.unsettled = self.unsettled, []
        return (settled, []) if code == 0 else ([], settled)

    def how_it_ended(self) -> str:
        return how_it_ended(self.process.returncode) if self.process else "was not started"

    def progress(self) -> dict:
        return {}

    def tidy(self) -> None:
        """Do nothing: no folder is kept for it."""

    discard = tidy
