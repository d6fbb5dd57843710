"""Write the batch script of a pack and submit it by `sbatch`.

It uses two resources beside those of the stock plugin: `setup` (lines of shell to run before
Python) and `launcher` (a command put in front of `python`).
"""

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.commands import Away, call, last_words
from snakemake_executor_plugin_lanes.failures import SETUP
from snakemake_executor_plugin_lanes.process import KEEP_MEMORY, ONE_THREAD

# The user has as many jobs as the site allows: one has to end first.
FULL = re.compile("MaxSubmitJob|GrpSubmitJobs")
# What sbatch prints with `--parsable`, or where a site's wrapper, which may add lines, ignores it.
JOB = re.compile(r"^(?:Submitted batch job )?(\d+)(?:;\S*| on cluster \S+)?$")
KEYS = {  # words of sbatch's complaint: the key of config/cluster.yaml to change
    "invalid account": "account or partition",  # "... or account/partition combination specified"
    "partition": "partition",
    "maxwall": "walltime",
    "time limit": "walltime",
    # Of a policy's limit for each job; one for each user counts other jobs, too.
    "maxgresperjob": "gpus",
    "maxcpuperjob": "cpus",
    "maxmemperjob": "memory_mb",
    "maxmemoryperjob": "memory_mb",
    "account": "account",
    "qos": "qos",
    "gres": "gpus and gpu_type",
    "node configuration": "cpus, memory_mb, gpus or gpu_type",
    "memory": "memory_mb",
    "feature": "constraint",
    "option": "extra",
}


class NoSuchNode(WorkflowError):
    """No node that is up now could ever run the job."""


def script(job, arguments: Sequence[str]) -> str:
    """The batch script of a pack.

    `exec` replaces the shell, so that SLURM signals the trainer itself. SIGUSR1 is ignored until
    the trainer handles it: SLURM may send it a minute early. A job that asked for no GPU is shown
    none: SLURM itself hides them only where it constrains devices.
    """
    hidden = {} if job.resources.get("gpu") else {"CUDA_VISIBLE_DEVICES": ""}
    variables = ONE_THREAD | KEEP_MEMORY | hidden
    exports = [f"export {key}={value}" for key, value in variables.items()]
    launcher = [job.resources.launcher, "python"] if job.resources.get("launcher") else None
    last = " ".join(["exec", *(launcher or [shlex.quote(sys.executable)]), shlex.join(arguments)])
    return "\n".join(
        ["#!/bin/bash", "trap '' USR1", *_set_up(job.resources.get("setup")), *exports, last, ""]
    )


def _set_up(lines: str | None) -> list[str]:
    """The lines of `setup`, run in this shell; if the last command fails, so does the pack."""
    if not lines:
        return []
    said = f"{SETUP} its last command failed on $(hostname); fix it."
    return [lines, f'[ $? = 0 ] || {{ echo "{said}" >&2; exit 1; }}']


def submit(command: Sequence[str], file: Path) -> str:
    """Submit the script; returns its job id. Raises `Away`, or WorkflowError if it is refused."""
    said = _sbatch(command, str(file))
    found = [job[1] for line in said.splitlines() if (job := JOB.match(line.strip()))]
    if not found:
        raise Away(f"sbatch printed no job id: {said.strip()}")
    return found[-1]


def test(command: Sequence[str], pack: str) -> None:
    """Ask whether SLURM would take such a pack now; raises WorkflowError, one sentence, if not."""
    _sbatch(command, "--test-only", "--wrap=true", pack=pack)


def _sbatch(command: Sequence[str], *more: str, pack: str = "a pack") -> str:
    """Call sbatch without a shell in between: dash drops exported functions, such as `module`."""
    said = call(*command, *more)
    if said.returncode == 0:
        return said.stdout
    if FULL.search(said.stderr):
        raise Away(last_words(said.stderr))
    error = NoSuchNode if "node configuration" in said.stderr else WorkflowError
    raise error(refusal(said.stderr, shlex.join([*command, *more]), pack))


def refusal(stderr: str, command: str, pack: str) -> str:
    """One sentence about what sbatch complained of, naming the key to change."""
    reason = last_words(stderr)
    parts = reason.lower().split(": ")
    found = [key for part in parts for word, key in KEYS.items() if word in part]
    where = f"config/cluster.yaml: {found[0]}" if found else "config/cluster.yaml"
    said = reason or "no reason given"
    return f"{where}: SLURM refuses {pack} ({said}); change it (the call was: {command})"
