"""A command of SLURM that hangs or fails holds up nothing else, and is given up in the end."""

import asyncio
import threading
import time
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from checkout import wait_for
from cluster_stubs import a_job, a_queue, an_executor, handed_in, in_queue, info, refuse
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.cluster.line import Line
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue
from snakemake_executor_plugin_lanes.settings import ExecutorSettings


def test_a_squeue_that_hangs_holds_nothing_up(stub) -> None:
    """What runs on the login node is started and settled meanwhile.

    What is submitted meanwhile, squeue may not know of, so its answer is as old as the question.
    """
    waits = "touch asked; until [ -e answer ]; do sleep 0.1; done"
    stub("squeue", f"{waits}; {in_queue('p', 'RUNNING')}")
    queue = Queue(0, Line(), (said := []).append)
    queue.look()
    wait_for(Path("asked").exists)
    queue.look()
    assert not queue.answered and not queue.jobs
    meanwhile = time.monotonic()
    Path("answer").touch()
    wait_for(lambda: queue.look() or queue.answered)
    assert queue.answered < meanwhile and queue.jobs.keys() == {"p"} and not said


def test_an_sbatch_that_hangs_holds_nothing_up(stub, monkeypatch) -> None:
    """What runs meanwhile is settled. Ctrl-C waits for the id, or a job would go on unknown."""
    monkeypatch.setattr(RemoteExecutor, "shutdown", lambda _: None)
    stub("sbatch", "until [ -e answer ]; do sleep 0.1; done; echo 17")
    stub("scancel", 'echo "$@" > cancelled')
    executor = an_executor()
    executor.queue.line.thread = Line().thread
    executor.running = [pack := handed_in(by=executor)]
    for _ in range(2):
        assert pack.settle() == ([], []) and pack.state == "being submitted"
    assert executor._room_in_queue(100) == 0
    executor.report.started.assert_not_called()
    threading.Timer(0.3, Path("answer").touch).start()
    executor.cancel()
    executor.report.started.assert_called_once_with(pack)
    assert pack.begun == "submitted, SLURM job 17" and Path("cancelled").read_text() == "17\n"


def test_an_id_is_heard_of_at_once_and_markers_are_looked_for_now_and_then(stub) -> None:
    """Listing the folders of a hundred packs each time would burden a shared file system."""
    stub("sbatch", "until [ -e answer ]; do sleep 0.1; done; echo 17")
    executor = an_executor()
    executor.queue.seconds, executor.queue.line.thread = 60, Line().thread
    pack = ClusterPack(members := [info(a_job())], executor)
    pack.start()
    pack.settle()
    Path("answer").touch()
    executor.queue.line.hang_up()
    assert pack.settle() == ([], []) and pack.job == "17"
    (pack.folder / "0.done").touch()
    assert pack.settle() == ([], [])
    pack.next_look -= 60
    assert pack.settle() == (members, [])


def test_one_question_at_a_time_and_each_once() -> None:
    """Then an answer of squeue knows of what was submitted before it was asked for."""
    line, may_end, ended = Line(), threading.Event(), []
    line.tell(lambda: may_end.wait(60) and ended.append("first"))
    for _ in range(2):
        assert line.ask("second", lambda: ended.append("second") or 2) is None
    may_end.set()
    line.hang_up()
    assert line.ask("second", pytest.fail) == 2 and ended == ["first", "second"]


def test_a_squeue_that_fails_for_a_while_is_told_once(stub) -> None:
    """What it said before still counts."""
    said = []
    executor = an_executor()
    executor.queue.warn = said.append
    executor.running = [pack := handed_in(by=executor)]
    stub("squeue", in_queue(pack.name, "RUNNING", node="n1"))
    asyncio.run(executor.start_some([]))
    stub("squeue", refuse("slurm_load_jobs error: Invalid user id"))
    for _ in range(2):
        asyncio.run(executor.start_some([]))
    (line,) = said
    assert line.endswith("report the state of packs (slurm_load_jobs error: Invalid user id).")
    assert pack.settle() == ([], []) and executor.queue.jobs[pack.name].state == "RUNNING"


def test_a_question_that_nobody_asks_any_more_is_given_up(stub) -> None:
    """Ctrl-C does not wait for a squeue that hangs."""
    said: list[str] = []
    stub("squeue", "touch asked; exec sleep 1000")
    queue = a_queue(said.append, Path("asked").exists)
    queue.look()
    assert not queue.answered and "squeue did not answer in time" in said[0]


def test_questions_are_given_up_once_snakemake_is_told_to_stop(stub, monkeypatch) -> None:
    monkeypatch.setattr(RemoteExecutor, "__init__", lambda *_: None)
    workflow = MagicMock(executor_settings=ExecutorSettings())
    executor = SlurmExecutor(workflow, MagicMock())
    executor.wait = True
    assert not executor.queue.given_up()
    executor.wait = False
    assert executor.queue.given_up()
