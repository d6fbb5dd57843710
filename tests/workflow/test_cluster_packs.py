"""Packs that SLURM refuses, is slow to take, or has already. SLURM's commands are stubs."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.cluster.limits import Limits
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue


class Resources(dict):
    __getattr__ = dict.__getitem__


def a_job(number: int = 0, attempt: int = 1, **resources) -> SimpleNamespace:
    needs = {"pack": "first b1", "runtime": 10, "mem_mb": 4000} | resources
    return SimpleNamespace(
        name="train",
        attempt=attempt,
        resources=Resources(needs),
        wildcards={},
        params={"spec": "{}", "code": "1"},
        input={},
        output=[f"results/runs/seed{number}.parquet"],
        log=[],
    )


def info(job) -> SimpleNamespace:
    return SimpleNamespace(job=job, external_jobid=None, aux=None)


@pytest.fixture
def stub(tmp_path: Path, monkeypatch):
    """Write a command of SLURM's as a shell script; all work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    (tmp_path / "bin").mkdir()

    def write(name: str, body: str) -> None:
        file = tmp_path / "bin" / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)

    write("squeue", "exit 0")
    write("scancel", "exit 0")
    return write


def an_executor(**attributes) -> SlurmExecutor:
    """One without a workflow and its thread."""
    executor = object.__new__(SlurmExecutor)
    executor.queue, executor.grace, executor.running = Queue(0), 0, []
    executor.limits, executor.tested, executor.left_over = Limits({}), {"asked"}, {}
    executor.released = time.monotonic() - 60
    executor.logger = SimpleNamespace(info=print, warning=print)
    executor.call = lambda job, *_, **__: f"sbatch --mem {job.resources.mem_mb}"
    executor._partition = lambda job: None
    vars(executor).update(attributes)
    return executor


REFUSED = "sbatch: error: Memory specification can not be satisfied"


def refuse(line: str) -> str:
    return f"echo '{line}' >&2; exit 1"


def test_a_retry_that_is_refused_does_not_end_the_rest(stub) -> None:
    """Only what is asked for first is tried out, since that ends all if it is refused."""
    stub("sbatch", refuse(REFUSED))
    an_executor()._test([a_job(attempt=2)])
    with pytest.raises(WorkflowError, match="memory_mb: SLURM refuses"):
        an_executor()._test([a_job()])


def test_a_pack_that_is_refused_when_it_is_handed_in_again(stub) -> None:
    """It fails alone; an exception here would end Snakemake and cancel all."""
    stub("sbatch", refuse("sbatch: error: Unable to contact slurm controller"))
    executor = an_executor()
    pack = ClusterPack([info(a_job())], executor)
    pack.start()
    assert pack.job is None
    stub("sbatch", refuse(REFUSED))
    executor.queue.look([pack.name])
    _, failed = pack.settle()
    assert len(failed) == 1
    assert "Memory specification can not be satisfied" in pack.how_it_ended()
    assert "job None" not in pack.how_it_ended()
