"""What Snakemake does with its packs in SLURM's queue when it ends, and what it then says."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest
from cluster_stubs import an_executor, handed_in, refuse
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor


@pytest.fixture
def executor(stub, monkeypatch) -> SlurmExecutor:
    """It has one pack, job 17; `scancel` notes what it is to cancel."""
    monkeypatch.setattr(RemoteExecutor, "shutdown", lambda _: None)
    stub("scancel", 'echo "$@" >> cancelled')
    executor = an_executor()
    executor.running = [handed_in(by=executor)]
    return executor


def test_all_jobs_of_a_pack_are_cancelled(stub, executor) -> None:
    """SLURM took one job after `sbatch` had given up, and another when it was submitted again."""
    stub("sbatch", refuse("sbatch: error: Socket timed out on send/recv operation"))
    executor.running = [pack := handed_in(by=executor)]
    stub("sbatch", "echo 17")
    executor.queue.look()
    pack.settle()
    executor.cancel()
    assert Path("cancelled").read_text() == f"17\n--name={pack.name}\n"


def test_jobs_are_cancelled_though_the_disk_is_full(executor, monkeypatch) -> None:
    """When Snakemake ends, it makes a folder and removes it."""

    def full(executor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RemoteExecutor, "shutdown", full)
    said = []
    executor.report = SimpleNamespace(last_words=lambda: said.append("the end"))
    executor.cancel()
    assert Path("cancelled").read_text() == "17\n" and said == ["the end"]


def test_an_error_of_the_executor_leaves_no_job_behind(executor) -> None:
    """Snakemake then ends without cancelling: it only shuts the executor down."""
    executor.shutdown()
    assert Path("cancelled").read_text() == "17\n"
    executor.aside.settle_all.assert_called_once()


def test_a_pack_whose_runs_are_done_ends_by_itself(executor) -> None:
    """Accounting would call it cancelled."""
    executor.running[0].unsettled = []
    executor.shutdown()
    assert not Path("cancelled").exists()


AWAY = "Unable to contact slurm controller (connect failure)"
KILL = "Kill job error on job id 17"


@pytest.mark.parametrize("said", [AWAY, f"{KILL}: Access/permission denied", ""])
def test_what_may_still_be_in_the_queue_is_told(stub, executor, capsys, said) -> None:
    """What its packs were to replace stays aside as long as one of them may go on."""
    stub("scancel", refuse(f"scancel: error: {said}" if said else ""))
    executor.cancel()
    reason = said or "scancel ended with exit code 1"
    assert f"Packs may still be in SLURM's queue ({reason})" in capsys.readouterr().out
    executor.aside.settle_all.assert_not_called()


@pytest.mark.parametrize("said", ["Invalid job id specified", "Job/step already completing"])
def test_what_has_ended_meanwhile_need_not_be_cancelled(stub, executor, capsys, said) -> None:
    stub("scancel", refuse(f"scancel: error: {KILL}: {said}"))
    executor.cancel()
    assert "Packs may" not in capsys.readouterr().out
    executor.aside.settle_all.assert_called_once()
