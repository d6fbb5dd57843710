"""Describes a lease's holder so that another process can check whether it is still running.

{"host", "pid", "machine", "started", "job", "restarts"}: `machine` names a boot and a process
table, `started` tells a process from a later one with the same pid, `restarts` counts how often
SLURM has restarted the job.
"""

import os
import socket
from pathlib import Path

from largebatch.records import slurm_job


def words(owner: dict) -> str:
    job = f" (SLURM job {owner['job']})" if owner.get("job") else ""
    return f"process {owner.get('pid', '?')} on {owner.get('host', '?')}{job}"


def myself() -> dict:
    """This process, described so that another one on this machine can tell whether it runs."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "machine": _machine(),
        "started": _started(os.getpid()),
        **_job(),
    }


def is_gone(owner: dict) -> bool:
    """Whether the owner is a process of this machine that ended, or an earlier start of our job.

    False for any other owner, of which this cannot be known. Our job is the SLURM job we run in.
    """
    if _is_of_an_earlier_start(owner):
        return True
    if not owner or owner.get("machine") != _machine() or owner["machine"] is None:
        return False
    return _started(owner["pid"]) != owner["started"]


def _is_of_an_earlier_start(owner: dict) -> bool:
    """Whether SLURM gave the owner up and restarted its job as us.

    The owner's node may be cut off and still computing; the runs are ours all the same.
    """
    mine = _job()
    ours = mine["job"] is not None and owner.get("job") == mine["job"]
    return ours and owner.get("restarts", 0) < mine["restarts"]


def _job() -> dict:
    """Our SLURM job, and how often it was restarted."""
    job = slurm_job()
    return {"job": job.get("job"), "restarts": int(job.get("restarts", 0))}


def _machine() -> str | None:
    """This boot and process table (each container has its own); None where this is not Linux."""
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
