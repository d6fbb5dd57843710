"""Start processes, each in a group of its own, that end with this one.

What a shell has started goes on to its end if this process is killed; it writes no partial files.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO

MORTAL = Path(__file__).with_name("mortal.py")
GRACE_SECONDS = 30.0  # a trainer stops at its next step and writes a checkpoint
ONE_THREAD = {
    # Spinning thread pools that share cores are 14 to 250 times slower than one thread each.
    "OMP_WAIT_POLICY": "PASSIVE",
    **{
        f"{library}_NUM_THREADS": "1"
        for library in ("OMP", "MKL", "OPENBLAS", "GOTO", "NUMEXPR", "VECLIB")
    },
}
KEEP_MEMORY = {
    # glibc hands every feature map back to the kernel and faults it in again: 10 to 20 % of a step.
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
    "MALLOC_TOP_PAD_": "64000000",
}


def start(
    command: Sequence[str],
    output: IO | None = None,
    extra: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.Popen:
    """Run `command` with one thread and this Python's programs first in the PATH.

    extra: more of its environment.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(MORTAL), str(os.getpid()), *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        env=os.environ | ONE_THREAD | KEEP_MEMORY | {"PATH": path, **extra},
        start_new_session=True,  # Ctrl-C reaches only the parent, which then ends its groups
    )


def stop(processes: Sequence[subprocess.Popen], grace: float = GRACE_SECONDS) -> None:
    """Ask every process group to end, and kill all that is left after `grace` seconds.

    Processes that a dead file system holds even then are left to the kernel.
    """
    # SIGKILL goes to all groups: a shell that has ended may have left processes behind.
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, GRACE_SECONDS)):
        for process in processes:
            _signal_group(process, number)
        deadline = time.monotonic() + seconds
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))


@contextlib.contextmanager
def deaf() -> Iterator[None]:
    """Ignore SIGINT and SIGTERM: a second, impatient Ctrl-C must not leave jobs behind."""
    if threading.current_thread() is not threading.main_thread():  # it cannot hear
        yield
        return
    before = {n: signal.signal(n, signal.SIG_IGN) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signal_group(process: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def how_it_ended(code: int) -> str:
    """An exit status in words; a shell reports a signal as 128 plus its number."""
    names = {one.value: one.name for one in signal.Signals}
    number = -code if code < 0 else code - 128
    if code >= 0 and number not in names:
        return f"ended with exit code {code}"
    hint = ", perhaps because memory ran out" if number == signal.SIGKILL else ""
    return f"was ended by {names.get(number, f'signal {number}')}{hint}"
