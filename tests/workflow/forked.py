"""Runs a program in a process forked from one that has imported what it needs."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from snakemake_interface_executor_plugins.registry import ExecutorPluginRegistry

from largebatch.records import source

PROCESSES = multiprocessing.get_context("forkserver")  # of tests/conftest.py
MAINS = {"snakemake": "snakemake.cli", "largebatch": "largebatch.cli"}
OURS = ("largebatch", "snakemake_executor_plugin_lanes")  # a checkout has its own


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
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.path.insert(0, str(root / "src"))
    # A module's content says what was parsed of it, also in another checkout.
    import_module("largebatch.records.source")._parsed = source._parsed
    if program == "snakemake":
        ExecutorPluginRegistry().collect_plugins()
    sys.argv = [program, *arguments]
    import_module(MAINS[program]).main()
