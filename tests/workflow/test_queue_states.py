"""What becomes of a pack, given what SLURM says of its job."""

import errno
import os
from dataclasses import replace

import pytest
from cluster_stubs import a_queue, an_executor, handed_in, in_queue

from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.seen import Seen


@pytest.fixture
def pack(stub) -> ClusterPack:
    """A pack of one run without a result, which fails after a grace of one minute."""
    return handed_in(by=an_executor(grace=60))


def failed(pack: ClusterPack) -> bool:
    pack.queue.look()
    _, failed = pack.settle()
    return bool(failed)


@pytest.mark.parametrize(
    ("state", "node", "elapsed", "at_once"),
    [
        ("CANCELLED", "", "0:00", True),  # before it began: no marker can come
        ("DEADLINE", "", "0:00", True),
        ("FAILED", "", "0:00", True),
        ("FAILED", "n1", "0:01", True),  # its `setup` failed
        ("CANCELLED", "n1", "5:00", False),  # markers may be under way
        ("COMPLETED", "n1", "0:01", False),
        ("FAILED", "n1", "10:01", False),
        ("OUT_OF_MEMORY", "n1", "5:00", False),
        ("TIMEOUT", "n1", "1-00:00:01", False),
        ("BOOT_FAIL", "", "0:00", False),  # SLURM may start it again
        ("NODE_FAIL", "", "0:00", False),
        ("PREEMPTED", "", "0:00", False),
    ],
)
def test_the_end_of_a_job(stub, pack, state, node, elapsed, at_once) -> None:
    stub("squeue", in_queue(pack.name, state, node=node, elapsed=elapsed))
    assert failed(pack) == at_once
    pack.gone_since -= 60
    assert at_once or failed(pack)
    assert f"ended as {state} on {node or 'no node'}" in pack.how_it_ended()


def test_a_death_by_a_signal_is_called_one(stub, pack) -> None:
    """SLURM calls it a failed launch, however long the job ran."""
    stub("squeue", in_queue(pack.name, "FAILED", "JobLaunchFailure", node="n1", elapsed="9:00"))
    assert not failed(pack)
    assert "was killed, perhaps because memory ran out, on n1" in pack.how_it_ended()


@pytest.mark.parametrize(("left", "said"), [("3:50", True), ("0:10", True), ("4:00", False)])
def test_a_stop_before_the_time_limit_is_called_one(stub, pack, left, said) -> None:
    """SLURM tells of a failure, since the trainer ends in time, at its own notice of 2 minutes."""
    stub("squeue", in_queue(pack.name, "FAILED", "NonZeroExitCode", node="n1", left=left))
    assert not failed(pack)
    words = "was told to stop before its time limit (config/cluster.yaml: walltime) on n1"
    assert (words in pack.how_it_ended()) == said


def test_a_file_system_that_is_away_for_a_moment(stub, pack, monkeypatch) -> None:
    """A run whose files cannot be read now (e.g. an expired ticket) has not failed."""
    stub("squeue", in_queue(pack.name, "CANCELLED"))
    pack.queue.look()

    def denied(folder):
        raise PermissionError(errno.EACCES, "Permission denied")

    pack.executor.running = [pack]
    with monkeypatch.context() as away:
        away.setattr(os, "scandir", denied)
        away.setattr(os, "listdir", denied)
        pack.executor._settle(pack)
        pack.tidy()
    assert not pack.ended and len(pack.unsettled) == 1
    assert failed(pack)


@pytest.mark.parametrize(
    "state", ["COMPLETING", "PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "NEVER_SEEN"]
)
def test_what_waits_or_may_come_back(stub, pack, state) -> None:
    """This includes states that only later versions of SLURM may have."""
    stub("squeue", in_queue(pack.name, "NODE_FAIL"))
    assert not failed(pack)
    stub("squeue", in_queue(pack.name, state, "launch failed requeued held"))
    assert not failed(pack) and pack.gone_since == 0
    assert pack.state == f"{state} (launch failed requeued held)"


def test_a_job_that_slurm_does_not_know(stub, pack) -> None:
    """It does not fail at once, since the site's squeue may lag behind."""
    assert not failed(pack)
    pack.gone_since -= 60
    assert failed(pack)
    assert "(SLURM job 17) is gone" in pack.how_it_ended()


def test_an_answer_from_before_the_submission_does_not_count(stub, pack) -> None:
    pack.queue.look()
    pack.tried = pack.queue.answered + 1
    assert not pack.over() and pack.gone_since == 0


def test_another_try_that_slurm_had_taken(stub, pack) -> None:
    """`sbatch` never printed this job's id; the job that runs is the one to cancel."""
    stub("squeue", in_queue(pack.name, "RUNNING", node="n1", job=16))
    assert not failed(pack)
    assert pack.job == "16" and (pack.folder / "job").read_text() == "16"
    pack.executor.report.started.assert_called_once_with(pack)


@pytest.mark.parametrize("states", [("RUNNING", "FAILED"), ("FAILED", "RUNNING")])
def test_of_two_jobs_of_one_pack_the_living_counts(stub, states) -> None:
    stub("squeue", "\n".join(in_queue("train-1", state, job=n) for n, state in enumerate(states)))
    queue = a_queue(print)
    queue.look()
    assert queue.jobs["train-1"].state == "RUNNING"


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        ("PartitionTimeLimit", "walltime"),
        ("QOSMaxWallDurationPerJobLimit", "walltime"),
        ("AssocMaxCpuMinutesPerJobLimit", "walltime"),
        ("QOSMaxGRESMinutesPerJob", "walltime"),
        ("QOSMaxCpuPerNode", "cpus"),
        ("AssocMaxCpuPerJobLimit", "cpus"),
        ("QOSMaxMemoryPerJob", "memory_mb"),
        ("AssocMaxMemPerNode", "memory_mb"),
        ("QOSMaxGRESPerJob", "gpus"),
        ("QOSMinGRES", "gpus"),
        ("BadConstraints", "constraint or gpu_type"),
        ("AccountNotAllowed", "account"),
        ("DependencyNeverSatisfied", "extra"),
        ("PartitionNodeLimit", None),  # its nodes may be down
        ("QOSMaxGRESPerUser", None),  # the limit counts other jobs of yours
        ("AssocGrpCPUMinutesLimit", None),
        ("JobHeldUser", None),
        ("Priority", None),
    ],
)
def test_what_would_wait_for_ever(reason, key) -> None:
    waits = Seen("17", "PENDING", reason, "", "main", "0:00")
    assert waits.hopeless == key
    assert replace(waits, partition="main,long").hopeless is None  # the reason is that of one
    assert replace(waits, state="RUNNING").hopeless is None
