"""What the keys of config/cluster.yaml become, and which options a user may add."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import yaml
from checkout import Checkout
from cluster_stubs import a_job, an_executor, info, some_calls
from snakemake_interface_common.exceptions import WorkflowError
from test_incremental import run

from largebatch.study.cluster import read_cluster
from snakemake_executor_plugin_lanes.cluster.calls import Calls
from snakemake_executor_plugin_lanes.cluster.limits import Limits
from snakemake_executor_plugin_lanes.cluster.options import check_extra
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.settings import ExecutorSettings, refuse_unused


def a_calling_executor():
    executor = an_executor()
    del executor.calls.call  # a stub
    return executor


def trains(**resources) -> SimpleNamespace:
    """A job such as rule `train` makes."""
    return a_job(**{"cpus_per_task": 2, "gpu": 1} | resources)


def the_call(**resources) -> list[str]:
    return some_calls().call(trains(**resources), "train-1", "output.log", "first b1")


@pytest.mark.parametrize(
    ("resource", "value", "option"),
    [
        ("slurm_account", "abc", "-A abc"),
        ("slurm_partition", "long", "-p long"),
        ("qos", "high", "--qos=high"),
        ("constraint", "a100|h100", "-C a100|h100"),
        ("gpu_model", "h200", "--gpus=h200:1"),
        ("gpu_model", "nvidia_a100-sxm4-80gb", "--gpus=nvidia_a100-sxm4-80gb:1"),
        ("cpus_per_task", 8, "--cpus-per-task=8"),
        ("mem_mb", 9000, "--mem 9000"),
        ("runtime", 30, "-t 30"),
        ("notice", 60, "--signal=B:USR1@60"),
        ("slurm_extra", "--exclude=node7", "--exclude=node7"),
    ],
)
def test_what_the_keys_become(resource, value, option) -> None:
    assert f" {option} " in " ".join([*the_call(**{resource: value}), ""])
    assert "--requeue" in the_call()


def test_each_key_is_a_resource_of_the_jobs(fresh: Checkout) -> None:
    task = {"account": "abc", "partition": "long", "qos": "high", "constraint": "a100"}
    task |= {"gpus": 1, "gpu_type": "h200", "cpus": 8, "memory_mb": 9000, "walltime": 30}
    task |= {"extra": "--exclude=node7"}
    cluster = {"setup": "load", "launcher": "env", "notice": 60, "concurrency": 7}
    settings = {"study": "tiny", "cluster": cluster | {"tasks": {"first": task}}}
    (fresh.root / "config/cluster.yaml").write_text(yaml.safe_dump(settings))
    said = fresh.snakemake("-np", "--profile", "profiles/slurm", run())
    resources = said.partition("\nrule train:\n")[2].partition("    resources: ")[2]
    assert {
        "slurm_account=abc", "slurm_partition=long", "qos=high", "constraint=a100", "gpu=1",
        "gpu_model=h200", "cpus_per_task=8", "mem_mb=9000", "runtime=30", "notice=60",
        "slurm_extra=--exclude=node7", "setup=load", "launcher=env", "concurrency=7",
    } <= set(resources.partition("\n")[0].split(", "))  # fmt: skip


def test_a_partition_that_is_a_habit(monkeypatch) -> None:
    """Its limits count then, not those of the cluster's default."""
    monkeypatch.setenv("SBATCH_PARTITION", "long")
    calls = some_calls(Limits({"main": 5, "long": 60}, "main"))
    call = calls.call(trains(runtime=30), "train-1", "output.log", "first b1")
    assert call[call.index("-p") + 1] == "long" and call.count("-t") == 1


def test_packs_that_are_not_to_be_requeued() -> None:
    calls = Calls(ExecutorSettings(no_requeue=True), MagicMock(), bool)
    calls.known_limits = Limits()
    call = calls.call(trains(), "train-1", "output.log", "first b1")
    assert "--no-requeue" in call and "--requeue" not in call


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"array_jobs": "train"}, "--lanes-array-jobs: packs take the place of job arrays; leave"),
        ({"keep_successful_logs": True}, "--lanes-keep-successful-logs: a pack's log is in "),
        ({"status_command": "sacct"}, "--lanes-status-command: packs are watched with squeue"),
    ],
)
def test_a_setting_that_means_nothing_for_packs_is_refused(setting, sentence) -> None:
    refuse_unused(ExecutorSettings(qos="high", backend="slurm"))
    with pytest.raises(WorkflowError, match=sentence):
        refuse_unused(ExecutorSettings(**setting))


def test_a_table_of_partitions(stub, monkeypatch) -> None:
    """That of the stock plugin (--lanes-partition-config) is for jobs that name no partition."""
    monkeypatch.setenv("SBATCH_PARTITION", "main")
    Path("table").write_text("partitions: {short: {max_runtime: 5}, long: {max_runtime: 60}}")
    calls = Calls(ExecutorSettings(partition_config=Path("table")), MagicMock(), bool)
    assert calls.partition(trains(gpu=0, runtime=30)) == "long"
    assert calls.partition(trains(gpu=0, runtime=30, slurm_partition="short")) == "short"
    assert calls.partition(trains(gpu=0, runtime=90)) == "main"


def test_a_task_without_a_gpu_where_others_have_a_type() -> None:
    """`defaults: {gpu_type: h200}`, `tasks: {x: {gpus: 0}}`."""
    cluster = read_cluster({"defaults": {"gpu_type": "h200"}, "tasks": {"lstm_ptb": {"gpus": 0}}})
    needs = cluster.of("lstm_ptb")
    assert "gpu" not in " ".join(the_call(gpu=needs.gpus, gpu_model=needs.gpu_model))


@pytest.mark.parametrize(
    ("extra", "instead"),
    [
        ("-p gpu", "set partition"),
        ("-pgpu", "set partition"),
        ("--part=gpu", "set partition"),
        ("--mail-type=END --mem 9G", "set memory_mb"),
        ("--gres=gpu:2", "set gpus"),
        ("-J mine", "by their names"),
        ("-o 'my log'", "output.log"),
        ("-e err", "output.log"),
        ("--array=1-3", "one job"),
        ("-N2", "one node"),
        ("-M other", "SLURM_CLUSTERS"),
        ("-W", "at once"),
        ("--signal=TERM", "set notice"),
        ("--no-requeue", "--lanes-no-requeue"),
        ("--exclude='node7", "No closing quotation"),
    ],
)
def test_an_option_that_is_ours(extra, instead) -> None:
    """One sentence says what to do; otherwise a pack or its log would get lost."""
    with pytest.raises(WorkflowError, match=f"config/cluster.yaml: extra: .*{instead}"):
        the_call(slurm_extra=extra)


@pytest.mark.parametrize(
    "extra",
    [
        "",
        "--exclude=node-J1,node-o2 --reservation=my-p",
        "--mem-bind=local --nodelist=a --wait-all-nodes=1 --time-min=10 --gres-flags=none",
        "--exclusive --mail-type=END --nice=-5 -x node7 -w node8 --licenses=a:1",
    ],
)
def test_an_option_that_is_not(extra) -> None:
    check_extra(extra)
    assert " ".join(the_call(slurm_extra=extra)).count(extra) >= 1


def test_a_project_in_a_folder_of_any_name(stub, monkeypatch) -> None:
    """SLURM would replace `%j` in the path to the log; no shell reads these paths."""
    folder = Path("50%j of 'it', ä \udce9")
    folder.mkdir()
    stub("sbatch", 'printf "%s\\n" "$@" > said; echo 17')
    monkeypatch.chdir(folder)
    pack = ClusterPack([info(trains(launcher="printf '%s\\n'"))], a_calling_executor())
    pack.start()
    said = os.fsdecode(Path("said").read_bytes()).splitlines()
    assert said[said.index("--output") + 1] == str(pack.log).replace("%", "%%")
    assert said[-1] == str(pack.script)
    printed = subprocess.check_output(["bash", pack.script]).splitlines()
    assert printed[-1] == os.fsencode(pack.file)
