"""How the processes on one machine share its cores and GPUs."""

import asyncio
import errno
import math
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from cluster_stubs import a_job, info

from snakemake_executor_plugin_lanes import internals
from snakemake_executor_plugin_lanes.gpus import Gpus
from snakemake_executor_plugin_lanes.local import LocalExecutor
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.single import Single


@pytest.fixture
def executor(monkeypatch, tmp_path) -> LocalExecutor:
    """With four cores; its packs are started, and do nothing."""

    async def nothing_to_prepare(*_) -> None:
        pass

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(internals, "prepare", nothing_to_prepare)
    monkeypatch.setattr(Pack, "start", lambda pack: None)
    monkeypatch.setattr("snakemake_executor_plugin_lanes.local._memory_mb", lambda: 10**6)
    executor = object.__new__(LocalExecutor)
    executor.slots, executor.running, executor.wait = 4, [], True
    executor.gpus, executor.workflow = Gpus([], 0), None
    executor.report, executor.aside = MagicMock(), MagicMock()
    vars(executor)["_gpu_here"] = False
    return executor


def start(executor: LocalExecutor, *jobs) -> int:
    """Start what there is room for; returns how many jobs have to wait."""
    return len(asyncio.run(executor.start_some([info(job) for job in jobs])))


@pytest.mark.parametrize(
    ("device", "gpu_here", "share"),
    [("cpu", True, 20), ("auto", False, 20), ("auto", True, math.inf), ("cuda", True, math.inf)],
)
def test_the_share_of_each_core(executor, device, gpu_here, share) -> None:
    """60 ms of work wait, and of 40 that are under way half is left. A GPU's packs stay whole."""
    vars(executor)["_gpu_here"] = gpu_here
    half = {"epoch": 1, "epochs": 2}
    under_way = SimpleNamespace(unsettled=[info(a_job(work=40))], progress=lambda: half)
    executor.running = [under_way]
    assert executor.share([info(a_job(work=60, device=device))]) == share


def test_no_more_processes_than_the_memory_holds(executor, monkeypatch) -> None:
    monkeypatch.setattr("snakemake_executor_plugin_lanes.local._memory_mb", lambda: 4000)
    assert executor.share([info(a_job(work=60))]) == 30
    monkeypatch.setattr("snakemake_executor_plugin_lanes.local._memory_mb", lambda: 1000)
    assert executor.share([info(a_job(work=60))]) == 60


def test_a_process_for_each_core(executor) -> None:
    assert start(executor, *(a_job(pack=f"{n} b1") for n in range(5))) == 1
    assert len(executor.running) == 4 and executor.free_slots() == 0


def test_lanes_and_work_decide_which_jobs_start_together(executor) -> None:
    executor.slots = 1
    jobs = [a_job(n, pack="first b1", lanes=3, work=1) for n in range(3)]
    assert start(executor, a_job(9, pack="second b1", work=2), *jobs) == 1
    assert len(executor.running[0].unsettled) == 3


def test_a_pack_on_a_gpu_takes_no_core(executor) -> None:
    """It waits for room on one; meanwhile what needs none goes on."""
    executor.gpus = Gpus(["7"], 2, {"7": 1000})
    asks = [a_job(n, pack=f"{n} b1", gpu=1, gpu_mb=600) for n in range(2)]
    assert start(executor, *asks, a_job(2)) == 1
    first, other = executor.running
    assert first.extra == {"CUDA_VISIBLE_DEVICES": "7"} and other.extra == {}
    assert executor.free_slots() == 3
    first.settle, first.ended = (lambda: ([], [])), True
    executor._settle(first)
    assert start(executor, asks[1]) == 0


def test_a_pack_that_cannot_be_started_leaves_its_gpu(executor, monkeypatch) -> None:
    async def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(internals, "prepare", full)
    executor.gpus = Gpus(["7"], 1)
    executor.report_job_error = lambda *_, **__: None
    assert start(executor, a_job(gpu=1)) == 0
    assert executor.gpus.free == 1 and not executor.running
    assert "No space left" in executor.report.failed.call_args.args[1]


@pytest.mark.parametrize("code", [0, 3])
def test_a_job_of_its_own_succeeds_as_its_command_does(monkeypatch, code) -> None:
    monkeypatch.setattr(internals, "command", lambda job: ["bash", "-c", f"exit {code}"])
    single = Single([member := info(a_job(pack=None))])
    assert single.settle() == ([], [])
    single.start()
    single.process.wait()
    assert single.settle() == (([member], []) if code == 0 else ([], [member])) and single.ended
    assert single.how_it_ended() == f"ended with exit code {code}"
