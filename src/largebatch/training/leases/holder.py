"""Who holds a lease: this process, in words that another one can check.

{"host", "pid", "machine", "started", "job", "restarts"}: `machine` names a boot and a process
table, `started` tells a process from a later one of the same number, `restarts` counts how often
SLURM has started the job again.
"""

import os
import socket
from pathlib import Path

from largebatch.records import slurm_job


def words(owner: dict) -> str:
    job = f" (SLURM job {owner['job']})" if owner.get("job") else ""
    return f"process {owner.get('pid', '?')} on {owner.get('host', '?')}{job}"


def myself() -> dict:
    """This process, so that another one on this machine can tell whether it still is there."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "machine": _machine(),
        "started": _started(os.getpid()),
        **_job(),
    }


def is_gone(owner: dict) -> bool:
    """A process of this machine that has ended, or an earlier start of the SLURM job that we are.

    Of others it cannot be known.
    """
    if _is_of_an_earlier_start(owner):
        return True
    if not owner or owner.get("machine") != _machine() or owner["machine"] is None:
        return False
    return _started(owner["pid"]) != owner["started"]


def _is_of_an_earlier_start(owner: dict) -> bool:
    """Its node may be cut off and compute on; SLURM gave it up and wants us to have the runs."""
    mine = _job()
    ours = mine["job"] is not None and owner.get("job") == mine["job"]
    return ours and owner.get("restarts", 0) < mine["restarts"]


def _job() -> dict:
    """Of SLURM, and how often it was started again."""
    job = slurm_job()
    return {"job": job.get("job"), "restarts": int(job.get("restarts", 0))}


def _machine() -> str | None:
    """This boot and process table (containers on one machine have their own); None: not Linux."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return None


def _started(pid: int) -> str | None:
    """When a process began, in clock ticks since boot; None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if stat[0] == "Z" else stat[19]
