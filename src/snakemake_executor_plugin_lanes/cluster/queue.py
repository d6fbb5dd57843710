"""What SLURM says about our jobs: `squeue` only, so that clusters without accounting will do."""

import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

# Jobs that will run, run, or may come back. PREEMPTED, NODE_FAIL and the like are ends unless the
# job is seen in one of these again within the grace: a requeued job passes through them.
ALIVE = frozenset(
    {
        *("PENDING", "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "RESIZING"),
        *("REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "SIGNALING", "STAGE_OUT"),
        "RESV_DEL_HOLD",
    }
)
# Reasons for which a pending job would wait for ever, and the key that has to change. Those that
# may also mean "its nodes are down" (PartitionNodeLimit) are not here: such a job waits.
HOPELESS = {
    "PartitionTimeLimit": "walltime",
    "QOSMaxWallDurationPerJobLimit": "walltime",
    "AssocMaxWallDurationPerJobLimit": "walltime",
    "BadConstraints": "gpu_type",
    "InvalidAccount": "account",
    "AccountNotAllowed": "account",
    "InvalidQOS": "qos",
    "QOSNotAllowed": "qos",
}
SECONDS = 60  # for any SLURM command; a drained controller may never answer


@dataclass(frozen=True)
class Seen:
    """A job in the queue, or one that left it a short while ago."""

    job: str
    state: str
    reason: str
    node: str

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    @property
    def hopeless(self) -> str | None:
        """The key of config/cluster.yaml that keeps the job from ever starting."""
        return HOPELESS.get(self.reason) if self.state == "PENDING" else None


class Queue:
    """The last answer, by job name; `answered` is when it was asked for (0: no answer yet)."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.jobs: dict[str, Seen] = {}
        self.asked = self.answered = 0.0

    def look(self, names: Iterable[str]) -> None:
        """Ask about jobs of these names, unless it is too early; no answer changes nothing."""
        names = list(names)
        if not names or time.monotonic() - self.asked < self.seconds:
            return
        self.asked = time.monotonic()
        said = _squeue(names)
        if said is not None:
            self.jobs, self.answered = said, self.asked


def _squeue(names: list[str]) -> dict[str, Seen] | None:
    command = ["squeue", "-h", "-t", "all", "-o", "%j|%i|%T|%r|%N", f"--name={','.join(names)}"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if said.returncode:
        return None
    fields = [line.split("|") for line in said.stdout.splitlines() if line.count("|") == 4]
    found = [(name, Seen(*rest)) for name, *rest in fields]
    # A pack is in twice if SLURM took it and could not say so: one that is alive counts.
    return dict(sorted(found, key=lambda one: one[1].alive))


def cancel(jobs: Iterable[str], names: Iterable[str] = ()) -> None:
    """Cancel jobs by id and by name; a controller that is away is not waited for."""
    jobs, names = list(jobs), list(names)
    commands = [["scancel", *jobs]] if jobs else []
    commands += [["scancel", f"--name={name}"] for name in names]
    for command in commands:
        try:
            subprocess.run(command, capture_output=True, timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            continue
