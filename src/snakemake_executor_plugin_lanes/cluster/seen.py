"""What SLURM says of one job, and what follows from it."""

import re
from dataclasses import dataclass

from snakemake_executor_plugin_lanes.cluster.limits import to_minutes

# A job in any other state, also one of a future SLURM, waits, runs or may come back. NODE_FAIL,
# PREEMPTED and the like are final unless the job is seen in another state within the grace period:
# a requeued job passes through them.
ENDED = {
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "LAUNCH_FAILED", "NODE_FAIL",
    "OUT_OF_MEMORY", "PREEMPTED", "RECONFIG_FAIL", "REVOKED", "TIMEOUT",
}  # fmt: skip
# Those of them that are final and may come before anything was trained: the job was cancelled
# while it waited, or its `setup` failed. Python alone takes longer than NO_TIME to start.
IN_VAIN = {"CANCELLED", "DEADLINE", "FAILED"}
NO_TIME = {"0:00", "0:01"}
# Reasons why a pending job would wait for ever, and the keys that have to change. Reasons that may
# also mean "its nodes are down" (PartitionNodeLimit) or "other jobs of yours run" (PerUser, Grp)
# are left out: such a job waits.
HOPELESS = {
    r"PartitionTimeLimit|\w+MaxWallDurationPerJobLimit|\w+MinutesPerJob(Limit)?": "walltime",
    r"\w+MaxCpuPer(JobLimit|Node)|QOSMinCpuNotSatisfied": "cpus",
    r"\w+MaxMem(ory)?Per(Job|Node)|MaxMemPerLimit|QOSMinMemory": "memory_mb",
    r"\w+MaxGRESPer(Job|Node)|QOSMinGRES": "gpus",
    r"BadConstraints": "constraint or gpu_type",
    r"InvalidAccount|AccountNotAllowed": "account",
    r"InvalidQOS|QOSNotAllowed": "qos",
    r"DependencyNeverSatisfied": "extra",
}


@dataclass(frozen=True)
class Seen:
    """A job that is in the queue or left it a short while ago."""

    job: str
    state: str
    reason: str
    node: str
    partition: str
    elapsed: str
    left: str = ""  # until its time limit

    @property
    def alive(self) -> bool:
        return self.state not in ENDED

    @property
    def ending(self) -> bool:
        """Its process has ended or was told to; SLURM may start it again or not."""
        return self.state == "COMPLETING"

    @property
    def in_vain(self) -> bool:
        """It ended for good and cannot have finished a run."""
        return self.state in IN_VAIN and (not self.node or self.elapsed in NO_TIME)

    def how_it_ended(self, notice: int) -> str:
        """In words; SLURM calls any death by a signal a failed launch.

        notice: seconds before its time limit at which it is told to stop; SLURM may do so a minute
        early.
        """
        left = to_minutes(self.left)
        match self.state, self.reason:
            case "FAILED", "JobLaunchFailure" if self.elapsed not in NO_TIME:
                return "was killed, perhaps because memory ran out,"
            case "FAILED", "NonZeroExitCode" if left is not None and 60 * left <= notice + 60:
                return "was told to stop before its time limit (config/cluster.yaml: walltime)"
        return f"ended as {self}"

    @property
    def hopeless(self) -> str | None:
        """The key of config/cluster.yaml that keeps the job from ever starting.

        None for a job of several partitions: the reason is about one, and another may take it.
        """
        if self.state != "PENDING" or "," in self.partition:
            return None
        return next((k for said, k in HOPELESS.items() if re.fullmatch(said, self.reason)), None)

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason not in ("", "None") else ""
        return f"{self.state}{reason}"
