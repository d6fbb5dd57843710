"""The options and script that are submitted, and what SLURM refuses. Stubs stand in for SLURM."""

import subprocess
import sys
from pathlib import Path

import pytest
from cluster_stubs import REFUSED, a_job, an_executor, handed_in, info, refuse, some_calls
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster.limits import parse
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.submit import script
from snakemake_executor_plugin_lanes.packs import Packs


def test_a_retry_that_is_refused_does_not_end_the_rest(stub, monkeypatch) -> None:
    """Only the first request is tried out beforehand, since its refusal ends everything."""
    stub("sbatch", refuse(REFUSED))
    executor, released = an_executor(), []
    monkeypatch.setattr(Packs, "run_jobs", lambda _, jobs: released.extend(jobs))
    executor.workflow.dag.needrun_jobs = lambda: [a_job(pack="a figure", runtime=0), a_job()]
    ended = executor.workflow.scheduler.executor_error_callback
    executor.run_jobs([a_job()])
    assert "memory_mb: SLURM refuses first b1" in str(ended.call_args.args[0])
    executor.run_jobs(retries := [a_job(attempt=2)])
    assert ended.call_count == 1 and released == retries


def test_a_pack_that_is_refused_when_it_is_handed_in_again(stub) -> None:
    """Only this pack fails; an exception here would end Snakemake and cancel all packs."""
    stub("sbatch", refuse("sbatch: error: Unable to contact slurm controller"))
    executor = an_executor()
    pack = handed_in(by=executor)
    assert pack.job is None
    stub("sbatch", refuse(REFUSED))
    executor.queue.look()
    _, failed = pack.settle()
    assert len(failed) == 1
    assert "Memory specification can not be satisfied" in pack.how_it_ended()
    assert "job None" not in pack.how_it_ended()
    executor.grace = 60
    assert executor._room_in_queue(100) == 0  # for a while
    pack.tidy()
    assert not pack.folder.exists()


BATCH = "sbatch: error: Batch job submission failed: "
INVALID = "Invalid account or account/partition combination"


def policy(limit: str) -> str:
    said = "Job violates accounting/QOS policy (job submit limit, user size and/or time limits)"
    return f"sbatch: error: {limit}\n{BATCH}{said}"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (policy("QOSMaxWallDurationPerJobLimit"), "walltime"),
        (policy("QOSMaxGRESPerUser"), "qos"),
        (policy("QOSMaxGRESPerJob"), "gpus"),
        (policy("QOSMaxMemoryPerJob"), "memory_mb"),
        (f"{BATCH}Invalid partition name specified", "partition"),
        (f"{BATCH}{INVALID} specified", "account or partition"),
        ("sbatch: error: name an account\nsbatch: error: Unspecified error", "account"),
    ],
)
def test_a_refusal_names_the_key_and_the_reason(stub, said, key) -> None:
    """The last line of sbatch may be the same for many reasons; the one before tells them."""
    reason = said.splitlines()[0].rpartition(": ")[2]
    stub("sbatch", refuse(said))
    words = f"cluster.yaml: {key}: SLURM refuses first b1 .*{reason}"
    with pytest.raises(WorkflowError, match=words):
        some_calls().test([a_job()])


NO_NODE = f"{BATCH}Requested node configuration is not available"


def test_nodes_that_are_drained_are_waited_for(stub, capsys) -> None:
    """`--test-only` refuses what no node that is up can run; `sbatch` itself would queue it."""
    stub("sbatch", refuse(NO_NODE))
    with pytest.raises(WorkflowError, match="cpus, memory_mb, gpus or gpu_type: SLURM refuses"):
        some_calls(parse("main*|30:00|8000|idle")).test([a_job()])
    some_calls(parse("main*|30:00|8000|drained")).test([a_job()])
    assert "some nodes are down or drained, so packs wait for them." in capsys.readouterr().out


def test_where_there_is_no_slurm(monkeypatch, tmp_path) -> None:
    """It does not matter if only tables and figures are to be made."""
    monkeypatch.setenv("PATH", str(tmp_path))
    some_calls().test([])
    with pytest.raises(WorkflowError, match=r"--profile slurm: there is no `sbatch` here; run"):
        some_calls().test([a_job()])


def test_a_partition_that_is_drained_is_waited_for(stub, capsys) -> None:
    stub("sbatch", refuse(f"{BATCH}Required partition not available (inactive or drain)"))
    some_calls().test([a_job()])
    assert "packs wait for it" in capsys.readouterr().out


def test_a_partition_with_a_name_like_a_fault_of_slurm_is_refused(stub) -> None:
    stub("sbatch", refuse("sbatch: error: invalid partition specified: standby"))
    with pytest.raises(WorkflowError, match=r"cluster\.yaml: partition: SLURM refuses"):
        some_calls().test([a_job()])


def test_no_more_than_a_user_may_have_is_waited_for(stub) -> None:
    """`concurrency` above the site's limit of submitted jobs fails nothing."""
    stub("sbatch", refuse(policy("QOSMaxSubmitJobPerUserLimit")))
    executor = an_executor()
    pack = handed_in(by=executor)
    executor.running.append(pack)
    assert pack.job is None and executor._room_in_queue(100) == 0
    stub("sbatch", "echo 17")
    executor.queue.look()
    assert pack.settle() == ([], [])
    assert pack.job == "17"


def test_limits_are_asked_for_until_slurm_answers(stub) -> None:
    """SLURM may be away when Snakemake starts, and back when the first pack is submitted."""
    stub("sinfo", "exit 1")
    calls = some_calls()
    calls.known_limits = None
    assert calls.limits.of(None) is None
    stub("sinfo", "echo 'main*|30:00|8000|idle'")
    assert calls.limits.of(None) == 30
    stub("sinfo", "exit 1")
    assert calls.limits.of(None) == 30


def test_a_pack_asks_for_what_its_greediest_run_does(stub) -> None:
    """Both runs ask for max_walltime; one is a retry, which asks for more memory."""
    jobs = [a_job(0, runtime=1440), a_job(1, attempt=2, runtime=1440, mem_mb=8000)]
    assert ClusterPack([info(job) for job in jobs], an_executor()).lead is jobs[1]


@pytest.mark.parametrize(
    ("pack", "wildcards", "name"),
    [
        ("wrn-16-4_cifar10/b32", {"study": "paper"}, "wrn-16-4_cifar10-b32-paper-x2-"),
        ("a task, of mine/b1", {}, "a-task--of-mine-b1-x2-"),  # squeue separates names by commas
        ("t" * 300, {"study": "paper"}, "t" * 200 + "-"),
    ],
)
def test_the_name_of_a_pack_says_what_it_is(stub, pack, wildcards, name) -> None:
    jobs = [a_job(number, pack=pack) for number in range(2)]
    jobs[0].wildcards = wildcards
    said = ClusterPack([info(job) for job in jobs], an_executor()).name
    assert said.startswith(name) and len(said) == len(name) + 8


def test_setup_and_launcher_stand_before_python(stub) -> None:
    job = a_job(setup="module() { echo loaded $*; }; module load cuda", launcher="env A=1 echo")
    (lines := Path("batch.sh")).write_text(script(job, ["-m", "largebatch", "train"]))
    said = subprocess.run(["bash", lines], capture_output=True, text=True, check=True).stdout
    assert said == "loaded load cuda\npython -m largebatch train\n"
    assert script(a_job(), ["x"]).splitlines()[-1] == f"exec {sys.executable} x"


def run_script(job) -> subprocess.CompletedProcess:
    (lines := Path("batch.sh")).write_text(script(job, ["-c", ""]))
    return subprocess.run(["bash", lines], capture_output=True, text=True)


def test_a_setup_that_fails_ends_the_pack(stub) -> None:
    """Otherwise the pack would silently compute in another environment."""
    said = run_script(a_job(setup="module load nosuch", launcher="echo"))
    assert said.returncode == 1 and said.stdout == ""
    assert "module: command not found" in said.stderr
    assert "config/cluster.yaml: setup: its last command failed on " in said.stderr


@pytest.mark.parametrize(("gpus", "shown"), [(0, ""), (1, "3")])
def test_who_asks_for_no_gpu_is_shown_none(stub, monkeypatch, gpus, shown) -> None:
    """Where SLURM does not constrain devices, the pack would take a GPU of another job."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    job = a_job(gpu=gpus, launcher="printenv CUDA_VISIBLE_DEVICES; true")
    assert run_script(job).stdout == f"{shown}\n"


def test_functions_of_the_shell_reach_the_job(stub, monkeypatch) -> None:
    """`module` is such a function. If /bin/sh is dash, it would drop it on the way to sbatch."""
    monkeypatch.setenv("BASH_FUNC_module%%", "() { echo 17; }")
    stub("sbatch", "module")
    pack = handed_in()
    assert pack.job == "17"
