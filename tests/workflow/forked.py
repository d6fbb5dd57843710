"""Runs a program in a process forked from one that has imported what it needs."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

PROCESSES = multiprocessing.get_context("forkserver")  # of tests/conftest.py
MAINS = {"snakemake": "snakemake.cli", "largebatch": "largebatch.cli"}


def call(
    program: str, arguments: Sequence[str], root: Path, environment: dict[str, str], seconds: float
) -> tuple[int | None, str]:
    """(exit code, output and errors) of the program in the folder `root`, with the code there."""
    with tempfile.NamedTemporaryFile() as said:
        given = (program, arguments, root, environment, said.name)
        process = PROCESSES.Process(target=_work, args=given)
        process.start()
        process.join(seconds)
        process.kill()
        process.join()
        return process.exitcode, Path(said.name).read_text()


def _work(
    program: str, arguments: Sequence[str], root: Path, environment: dict[str, str], said: str
) -> None:
    for stream in (1, 2):
        os.dup2(os.open(said, os.O_WRONLY | os.O_APPEND), stream)
    os.chdir(root)
    os.environ.clear()
    os.environ |= environment
    for name in [name for name in sys.modules if name.partition(".")[0] == "largebatch"]:
        del sys.modules[name]
    sys.path.insert(0, str(root / "src"))
    sys.argv = [program, *arguments]
    import_module(MAINS[program]).main()
