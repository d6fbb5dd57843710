"""How SLURM's commands are called, and what is read from what they print."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock, patch

import pytest
from checkout import wait_for
from cluster_stubs import a_job, a_queue, an_executor, in_queue, info, refuse, some_calls
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.cluster.commands import call
from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.cluster.line import Line
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue
from snakemake_executor_plugin_lanes.cluster.submit import submit
from snakemake_executor_plugin_lanes.settings import ExecutorSettings

SUBMIT = """
import signal
from pathlib import Path
from snakemake_executor_plugin_lanes.cluster.submit import submit
signal.signal(signal.SIGINT, lambda *_: None)
print(submit(["sbatch"], Path("batch.sh")))
"""


def test_ctrl_c_does_not_end_a_submission(stub) -> None:
    """A terminal sends it to the whole group; the id would be lost and the job would go on."""
    stub("sbatch", "touch asked; until [ -e sent ]; do sleep 0.1; done; echo 17")
    command = [sys.executable, "-c", SUBMIT]
    snakemake = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    wait_for(Path("asked").exists)
    os.killpg(snakemake.pid, signal.SIGINT)
    Path("sent").touch()
    assert snakemake.communicate()[0] == b"17\n"


@pytest.mark.parametrize(
    "said",
    [
        "17",
        "17;hpc",
        "Welcome to the cluster of 2026\n17",
        "17\n\nEstimated cost: 12 units",
        "Submitted batch job 17",
        "12\n17",  # a filter of the site may count your jobs
        "  17  ",
    ],
)
def test_the_id_amid_what_a_site_prints(stub, said) -> None:
    stub("sbatch", f"cat <<'END'\n{said}\nEND")
    assert submit(["sbatch"], Path("batch.sh")) == "17"


@pytest.mark.parametrize("body", ["echo submitted", "kill -9 $$"])
def test_a_job_whose_id_is_not_told_is_found_by_its_name(stub, body) -> None:
    stub("sbatch", body)
    executor = an_executor()
    pack = ClusterPack([info(a_job())], executor)
    pack.start()
    assert pack.job is None and "not yet accepted by SLURM: sbatch " in pack.state
    stub("squeue", in_queue(pack.name, "RUNNING", node="n1"))
    executor.queue.look()
    assert pack.settle() == ([], []) and pack.begun == "submitted, SLURM job 17"


def test_habits_of_a_user_change_no_answer_and_no_request(stub, monkeypatch) -> None:
    """SQUEUE_PARTITION would hide packs, SCANCEL_INTERACTIVE would wait, SBATCH_GPUS take one.

    What is left are defaults for keys that are not set; options of ours come first.
    """
    habits = ("SQUEUE_PARTITION", "SCANCEL_INTERACTIVE", "SBATCH_WAIT", "SBATCH_CLUSTERS")
    shapes = ("SBATCH_GPUS", "SBATCH_EXCLUSIVE", "SBATCH_MEM_PER_CPU", "SBATCH_TIMELIMIT")
    for name in (*habits, *shapes, "SBATCH_ACCOUNT", "SBATCH_PARTITION", "SLURM_CLUSTERS"):
        monkeypatch.setenv(name, "1")
    stub("squeue", "compgen -e | grep -E '^(SQUEUE|SCANCEL|SBATCH|SLURM)_'")
    assert call("squeue").stdout.split() == ["SBATCH_ACCOUNT", "SBATCH_PARTITION", "SLURM_CLUSTERS"]


def test_snakemake_in_a_job_of_slurm(stub, monkeypatch) -> None:
    """What that job has must not shape the packs; where SLURM is, they are still to know."""
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "1")
    monkeypatch.setenv("SLURM_CONF", "2")
    stub("sbatch", "echo $SLURM_MEM_PER_NODE $SLURM_CONF")
    assert call("sbatch").stdout.split() == ["1", "2"]
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert call("sbatch").stdout.split() == ["2"]


def test_all_jobs_of_this_user_are_asked_for(stub) -> None:
    """Also in partitions that a site hides, where a pack would otherwise seem to be gone."""
    asks = f'[[ " $* " == *" -a "*" --user={os.getuid()} "* ]]'
    stub("squeue", f"{asks} || exit; {in_queue('p', 'RUNNING')}")
    stub("sinfo", '[[ " $* " == *" -a "* ]] && echo "hidden|30:00|8000|idle"')
    (queue := a_queue(print)).look()
    assert queue.answered and queue.jobs.keys() == {"p"}
    calls = some_calls()
    calls.known_limits = None
    assert calls.limits.of("hidden") == 30


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
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.start()
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


def test_a_warning_beside_an_answer_is_no_silence(stub) -> None:
    stub("squeue", "echo 'squeue: error: Connection slow' >&2; echo answer")
    assert call("squeue").stdout == "answer\n"


def test_words_in_no_encoding(stub) -> None:
    stub("squeue", r"printf 'caf\xe9\n'")
    assert call("squeue").stdout == "caf\ufffd\n"


def test_a_squeue_that_fails_for_a_while_is_told_once(stub) -> None:
    """What it said before still counts."""
    said = []
    stub("sbatch", "echo 17")
    executor = an_executor()
    executor.queue.warn = said.append
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.start()
    stub("squeue", in_queue(pack.name, "RUNNING", node="n1"))
    asyncio.run(executor.start_some([]))
    stub("squeue", refuse("slurm_load_jobs error: Invalid user id"))
    for _ in range(2):
        asyncio.run(executor.start_some([]))
    (line,) = said
    assert line.endswith("report the state of packs (slurm_load_jobs error: Invalid user id).")
    assert pack.settle() == ([], []) and executor.queue.jobs[pack.name].state == "RUNNING"


def test_all_jobs_of_a_pack_are_cancelled(stub, monkeypatch) -> None:
    """SLURM took one job after `sbatch` had given up, and another when it was submitted again."""
    stub("sbatch", refuse("sbatch: error: Socket timed out on send/recv operation"))
    stub("scancel", 'echo "$@" >> cancelled')
    monkeypatch.setattr(RemoteExecutor, "shutdown", lambda _: None)
    executor = an_executor()
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.start()
    stub("sbatch", "echo 17")
    executor.queue.look()
    pack.settle()
    executor.cancel()
    assert Path("cancelled").read_text() == f"17\n--name={pack.name}\n"


def test_jobs_are_cancelled_though_the_disk_is_full(stub, monkeypatch) -> None:
    """When Snakemake ends, it makes a folder and removes it."""

    def full(executor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RemoteExecutor, "shutdown", full)
    stub("scancel", 'echo "$@" > cancelled')
    said = []
    executor = an_executor(report=SimpleNamespace(last_words=lambda: said.append("the end")))
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.job = "17"
    executor.cancel()
    assert Path("cancelled").read_text() == "17\n" and said == ["the end"]


def test_an_error_of_the_executor_leaves_no_job_behind(stub, monkeypatch) -> None:
    """Snakemake then ends without cancelling: it only shuts the executor down."""
    monkeypatch.setattr(RemoteExecutor, "shutdown", lambda _: None)
    stub("scancel", 'echo "$@" > cancelled')
    executor = an_executor()
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.job = "17"
    executor.shutdown()
    assert Path("cancelled").read_text() == "17\n"
    executor.aside.settle_all.assert_called_once()


def test_a_pack_whose_runs_are_done_ends_by_itself(stub, monkeypatch) -> None:
    """Accounting would call it cancelled."""
    monkeypatch.setattr(RemoteExecutor, "shutdown", lambda _: None)
    stub("scancel", 'echo "$@" > cancelled')
    executor = an_executor()
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.job, pack.unsettled = "17", []
    executor.shutdown()
    assert not Path("cancelled").exists()


def cancelled_with(what: str) -> list[str]:
    """What is said when Snakemake is told to stop and `what` is all that its packs hear.

    What they were to replace stays aside as long as one of them may go on.
    """
    said: list[str] = []
    executor = an_executor()
    executor.logger.warning = said.append
    executor.running = [pack := ClusterPack([info(a_job())], executor)]
    pack.job = what
    with patch.object(RemoteExecutor, "shutdown"):
        executor.cancel()
    assert executor.aside.settle_all.called == (not said)
    return said


AWAY = "Unable to contact slurm controller (connect failure)"
KILL = "Kill job error on job id 17"


@pytest.mark.parametrize("said", [AWAY, f"{KILL}: Access/permission denied", ""])
def test_what_may_still_be_in_the_queue_is_told(stub, said) -> None:
    stub("scancel", refuse(f"scancel: error: {said}" if said else ""))
    (line,) = cancelled_with("17")
    reason = said or "scancel ended with exit code 1"
    assert line.startswith(f"Packs may still be in SLURM's queue ({reason})")


@pytest.mark.parametrize("said", ["Invalid job id specified", "Job/step already completing"])
def test_what_has_ended_meanwhile_need_not_be_cancelled(stub, said) -> None:
    stub("scancel", refuse(f"scancel: error: {KILL}: {said}"))
    assert cancelled_with("17") == []


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
