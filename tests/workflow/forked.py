"""Runs a program in a process forked from one that has imported what it needs.

A Snakemake can be given a Python whose `python -m largebatch` is such a process, too (`served`).
"""

import contextlib
import json
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.connection import wait
from pathlib import Path

from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from largebatch.records import source

PROCESSES = multiprocessing.get_context("forkserver")  # of tests/conftest.py
MAINS = {"snakemake": "snakemake.cli", "largebatch": "largebatch.cli"}
OURS = ("largebatch", "snakemake_executor_plugin_lanes")  # a checkout has its own
CLIENT = Path(__file__).with_name("warm_python.py")


class Started:
    """The program at work in the folder `root`, with the code there; used like a `Popen`.

    warm: what it starts as `python -m largebatch` is forked, too. alone: in a session of its own.
    """

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        root: Path,
        environment: dict[str, str],
        warm: bool = False,
        alone: bool = False,
    ):
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name, "said")
        self._file.touch()
        given = (self._file, warm, alone, program, arguments, root, environment)
        self._process = PROCESSES.Process(target=_work, args=given)
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("the program", timeout)
        return self.returncode

    @property
    def said(self) -> str:
        """Its output and errors so far."""
        return self._file.read_text()

    def communicate(self, timeout: float | None = None) -> str:
        """All that it said, once it has ended."""
        self.wait(timeout)
        return self.said


def _work(said: Path, warm: bool, alone: bool, *what) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's `&` switches off
    if alone:
        os.setsid()
    for stream in (1, 2):
        os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), stream)
    if warm:
        sys.executable = served(said.parent)
    run(*what)


def run(
    program: str, arguments: Sequence[str], root: Path | str, environment: dict[str, str]
) -> None:
    os.chdir(root)
    os.environ.clear()
    os.environ |= environment
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.path.insert(0, str(Path(root, "src")))
    # A module's content says what was parsed of it, also in another checkout.
    import_module("largebatch.records.source")._parsed = source._parsed
    if program == "snakemake":
        ExecutorPluginRegistry().collect_plugins()
    sys.argv = [program, *arguments]
    import_module(MAINS[program]).main()


def served(folder: Path) -> str:
    """The path of a Python whose `-m largebatch` runs in a fork of this process, as it is now.

    Whoever ends that Python ends the fork. This process forks it before it starts threads.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(folder / "socket"))
    listener.listen()
    ours_has_ended, _ours = os.pipe()  # the second end is closed when this process ends
    if os.fork() == 0:
        os.close(_ours)
        while select.select([listener, ours_has_ended], [], [])[0] == [listener]:
            client, _ = listener.accept()
            if os.fork() == 0:
                _serve(client)
                os._exit(0)
            client.close()
        os._exit(0)
    listener.close()
    python = folder / "python"
    command = f"exec '{sys.executable}' -IS '{CLIENT}' '{folder}/socket'"
    python.write_text(f'#!/bin/sh\n{command} "$@"\n')
    python.chmod(0o755)
    return str(python)


def _serve(client: socket.socket) -> None:
    request, streams, *_ = socket.recv_fds(client, 2**20, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    process = multiprocessing.get_context("fork").Process(target=run, args=json.loads(request))
    process.start()
    if process.sentinel not in wait([process.sentinel, client]):
        process.kill()  # as its client was
    process.join()
    code = process.exitcode
    with contextlib.suppress(BrokenPipeError):  # the client was killed
        client.send(bytes([code if code >= 0 else 128 - code]))
