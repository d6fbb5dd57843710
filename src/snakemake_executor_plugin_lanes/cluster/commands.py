"""Call SLURM's commands from a program."""

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Callable

SECONDS = 60  # for any of them; a drained controller may never answer
AWAY = re.compile(
    r"[Uu]nable to contact|[Tt]imed out|[Cc]onnection|[Zz]ero [Bb]ytes|temporarily|"
    r"backup controller|Transport endpoint|still running|try again|\(inactive or drain\)"
)
PREFIX = re.compile(r"^(s[a-z]+: )?(error: )?(Batch job submission failed: |allocation failure: )?")
# Variables that a user may have set for calls by hand: filters that would hide packs, a question
# before each scancel, and options of sbatch, which would change what config/cluster.yaml asks for.
BY_HAND = ("SQUEUE_", "SCANCEL_", "SINFO_", "SBATCH_")
# What sbatch gets of these: where, and on whose account, if the file does not say so.
DEFAULTS = {
    "SLURM_CONF", "SLURM_CLUSTERS", "SBATCH_ACCOUNT", "SBATCH_WCKEY", "SBATCH_QOS",
    "SBATCH_PARTITION", "SBATCH_RESERVATION", "SBATCH_CONSTRAINT",
}  # fmt: skip


class Away(Exception):
    """SLURM did not answer, so the request may have been carried out or not; or it is full now.

    The text is what was said instead of an answer.
    """


def call(
    *command: str, given_up: Callable[[], bool] = lambda: False
) -> subprocess.CompletedProcess:
    """Run a command; returns its output and exit status. Raises `Away`.

    It runs in a session of its own: a Ctrl-C that ended sbatch after it had submitted a job and
    before it printed the id would leave a job that nobody knows of. given_up: asked now and then
    whether the answer is still of interest.
    """
    of_ours = ("SLURM_",) if "SLURM_JOB_ID" in os.environ else ()  # Snakemake runs in a job
    by_hand = {key for key in os.environ if key.startswith(BY_HAND + of_ours)} - DEFAULTS
    environment = {key: value for key, value in os.environ.items() if key not in by_hand}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise Away(str(error)) from None
    with process:
        stdout, stderr = _answer(process, command[0], given_up)
    code = process.returncode
    if code < 0:
        raise Away(f"{command[0]} was ended by signal {-code}")
    if code and AWAY.search(stderr):
        raise Away(last_words(stderr))
    return subprocess.CompletedProcess(command, code, stdout, stderr)


def _answer(process: subprocess.Popen, name: str, given_up: Callable[[], bool]) -> tuple[str, str]:
    """What a command prints, and its errors; it is killed if there is no answer. Raises `Away`."""
    until = time.monotonic() + SECONDS
    try:
        while not given_up() and time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=0.5)
        waited = "in time" if given_up() else f"within {SECONDS} s"
        raise Away(f"{name} did not answer {waited}")
    finally:
        process.kill()


def last_words(stderr: str) -> str:
    """The last two lines, without SLURM's prefixes; the first of the two says more."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    return ": ".join(PREFIX.sub("", line) for line in lines[-2:])
