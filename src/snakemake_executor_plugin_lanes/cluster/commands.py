"""Call SLURM's commands from a program."""

import os
import re
import subprocess

SECONDS = 60  # for any of them; a drained controller may never answer
AWAY = re.compile(
    r"[Uu]nable to contact|[Tt]imed out|[Cc]onnection|[Zz]ero [Bb]ytes|temporarily|"
    r"backup controller|Transport endpoint|still running|try again|\(inactive or drain\)"
)
PREFIX = re.compile(r"^(sbatch: )?(error: )?(Batch job submission failed: |allocation failure: )?")
# Variables that a user may have set for calls by hand: filters that would hide packs, a question
# before each scancel, and options of sbatch that packs cannot have or squeue would not follow.
BY_HAND = (
    *("SQUEUE_", "SCANCEL_", "SINFO_"),
    *("SBATCH_ARRAY_INX", "SBATCH_CLUSTERS", "SBATCH_ERROR", "SBATCH_WAIT"),
)


class Away(Exception):
    """SLURM did not answer, so the request may have been carried out or not; or it is full now.

    The text is what was said instead of an answer.
    """


def call(*command: str) -> subprocess.CompletedProcess:
    """Run a command; returns its output and exit status. Raises `Away`.

    It runs in a session of its own: a Ctrl-C that ended sbatch after it had submitted a job and
    before it printed the id would leave a job that nobody knows of.
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
        raise Away(f"{command[0]} did not answer within {SECONDS} s") from None
    except OSError as error:
        raise Away(str(error)) from None
    if said.returncode < 0:
        raise Away(f"{command[0]} was ended by signal {-said.returncode}")
    if said.returncode and AWAY.search(said.stderr):
        raise Away(last_words(said.stderr))
    return said


def last_words(stderr: str) -> str:
    """The last two lines, without SLURM's prefixes; the first of the two says more."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return ": ".join(PREFIX.sub("", line) for line in lines[-2:])
