"""SLURM's commands, as a program has to call them."""

import os
import re
import subprocess

SECONDS = 60  # for any of them; a drained controller may never answer
AWAY = re.compile(
    r"[Uu]nable to contact|[Tt]imed out|[Cc]onnection|[Zz]ero [Bb]ytes|temporarily|"
    r"backup controller|standby|Transport endpoint|still running|try again"
)
PREFIX = re.compile(r"^(sbatch: )?(error: )?(Batch job submission failed: |allocation failure: )?")
# What a user may have set for calls by hand: filters that hide packs, a question before each
# scancel, and options of sbatch that packs cannot have or that squeue would not follow.
BY_HAND = (
    *("SQUEUE_", "SCANCEL_", "SINFO_"),
    *("SBATCH_ARRAY_INX", "SBATCH_CLUSTERS", "SBATCH_ERROR", "SBATCH_WAIT"),
)


class Away(Exception):
    """SLURM did not answer, so what was asked of it may be done or not; or it can take no more now.

    Its text: what was said instead.
    """


def call(*command: str) -> subprocess.CompletedProcess:
    """What it said, with its exit status. Raises `Away`.

    In a session of its own: a Ctrl-C that ended sbatch between a job and the job's id would leave
    a job that nobody knows.
    """
    environment = {key: v for key, v in os.environ.items() if not key.startswith(BY_HAND)}
    try:
        said = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            env=environment,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise Away(f"{command[0]} did not answer in {SECONDS} s") from None
    except OSError as error:
        raise Away(str(error)) from None
    if said.returncode < 0:
        raise Away(f"{command[0]} was ended by signal {-said.returncode}")
    if said.returncode and AWAY.search(said.stderr):
        raise Away(last_words(said.stderr))
    return said


def last_words(stderr: str) -> str:
    """The last two lines, without SLURM's prefixes: the first of them tells more."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return ": ".join(PREFIX.sub("", line) for line in lines[-2:])
