"""The batch script of a pack, handed to `sbatch`.

Resources of our own, beside those of the stock plugin: `setup` (lines of shell before Python is
started), `launcher` (what stands before Python).
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.queue import SECONDS
from snakemake_executor_plugin_lanes.process import KEEP_MEMORY, ONE_THREAD

AWAY = re.compile(
    r"[Uu]nable to contact|[Tt]imed out|[Cc]onnection|[Zz]ero [Bb]ytes|temporarily|"
    r"backup controller|Transport endpoint|still running|try again|"
    r"MaxSubmitJob|GrpSubmitJob",  # as many jobs as the site lets a user have: one has to end
)
KEYS = {  # what sbatch complains about: the key of config/cluster.yaml
    "partition": "partition",
    "maxwall": "walltime",
    "time limit": "walltime",
    "account": "account",
    "qos": "qos",
    "gres": "gpus and gpu_type",
    "node configuration": "cpus, memory_mb, gpus or gpu_type",
    "memory": "memory_mb",
    "feature": "constraint",
    "option": "extra",
}


class Away(Exception):
    """SLURM did not answer, and the job may have been taken or not; or it takes no more now."""


def script(job, arguments: Sequence[str]) -> str:
    """The batch script. `exec`: what SLURM signals is then the trainer itself, not a shell.

    SIGUSR1 is ignored until the trainer minds it: SLURM may send it a minute early. Who asked for
    no GPU is shown none: SLURM itself hides them only where it constrains devices.
    """
    hidden = {} if job.resources.get("gpu") else {"CUDA_VISIBLE_DEVICES": ""}
    variables = ONE_THREAD | KEEP_MEMORY | hidden
    exports = [f"export {key}={value}" for key, value in variables.items()]
    launcher = [job.resources.launcher, "python"] if job.resources.get("launcher") else None
    call = " ".join(["exec", *(launcher or [shlex.quote(sys.executable)]), shlex.join(arguments)])
    return "\n".join(
        ["#!/bin/bash", "trap '' USR1", *_set_up(job.resources.get("setup")), *exports, call, ""]
    )


def _set_up(lines: str | None) -> list[str]:
    """Those lines of shell, in this shell; if the last of them fails, so does the pack."""
    if not lines:
        return []
    said = "config/cluster.yaml: setup: its last command failed on $(hostname); mend it."
    return [lines, f'[ $? = 0 ] || {{ echo "{said}" >&2; exit 1; }}']


def submit(call: str, file: Path) -> str:
    """Hand the script in; the id of its job. Raises `Away`, or WorkflowError if it is refused."""
    return _sbatch(call, str(file)).strip().split(";")[0]


def test(call: str) -> None:
    """Ask whether SLURM would take such a job; WorkflowError with one sentence if not."""
    _sbatch(call, "--test-only", "--wrap=true")


def _sbatch(call: str, *more: str) -> str:
    """No shell in between: dash drops exported functions, and `module` is one."""
    try:
        command = [*shlex.split(call), *more]
    except ValueError as error:  # of all that is in it, only `extra` is not quoted by us
        raise WorkflowError(f"config/cluster.yaml: extra: {error}: {call}") from None
    try:
        said = subprocess.run(command, text=True, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        raise Away from None
    if said.returncode == 0:
        return said.stdout
    if AWAY.search(said.stderr):
        raise Away
    raise WorkflowError(refusal(said.stderr, shlex.join(command)))


def refusal(stderr: str, call: str) -> str:
    """One sentence from what sbatch said: its last two lines, the first of which tells more."""
    lines = [line.removeprefix("sbatch: ").removeprefix("error: ") for line in stderr.splitlines()]
    said = [re.sub(r"^(Batch job submission failed|allocation failure): ", "", s) for s in lines]
    found = [key for line in said[-2:] for word, key in KEYS.items() if word in line.lower()]
    reason = ": ".join(said[-2:]) or "no reason given"
    where = f"config/cluster.yaml: {found[0]}" if found else "config/cluster.yaml"
    return f"{where}: SLURM refuses a pack ({reason}); change it, the call was: {call}"
