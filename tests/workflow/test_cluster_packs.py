"""Packs that SLURM refuses, is slow to take, or has already. SLURM's commands are stubs."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_common.exceptions import WorkflowError

from largebatch.study.cluster import read_cluster
from snakemake_executor_plugin_lanes import folders
from snakemake_executor_plugin_lanes.cluster.adoption import Found, on_disk
from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.cluster.limits import Limits
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue
from snakemake_executor_plugin_lanes.cluster.submit import script
from snakemake_executor_plugin_lanes.pack import SPOOL
from snakemake_executor_plugin_lanes.settings import ExecutorSettings


class Resources(dict):
    __getattr__ = dict.get


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

    for name in ("squeue", "scancel", "sinfo"):
        write(name, "exit 0")
    return write


def an_executor(**attributes) -> SlurmExecutor:
    """One without a workflow and its thread."""
    executor = object.__new__(SlurmExecutor)
    executor.queue, executor.grace, executor.running = Queue(0), 0, []
    executor.known_limits, executor.limits_asked = Limits({}), 0.0
    executor.tested, executor.left_over = False, {}
    executor.last_release = time.monotonic() - 60
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
    executor = an_executor()
    with pytest.raises(WorkflowError, match="memory_mb: SLURM refuses"):
        executor._test([a_job()])
    executor._test([a_job(attempt=2)])


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


def policy(limit: str) -> str:
    said = "Job violates accounting/QOS policy (job submit limit, user size and/or time limits)"
    return f"sbatch: error: {limit}\nsbatch: error: Batch job submission failed: {said}"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (policy("QOSMaxWallDurationPerJobLimit"), "walltime"),
        (policy("QOSMaxGRESPerUser"), "qos"),
        ("sbatch: error: name an account\nsbatch: error: Unspecified error", "account"),
    ],
)
def test_a_refusal_names_the_key_and_the_reason(stub, said, key) -> None:
    """The last line of sbatch may be the same for many reasons; the one before tells them."""
    reason = said.splitlines()[0].rpartition(": ")[2]
    stub("sbatch", refuse(said))
    with pytest.raises(WorkflowError, match=f"cluster.yaml: {key}: SLURM refuses .*{reason}"):
        an_executor()._test([a_job()])


def test_no_more_than_a_user_may_have_is_waited_for(stub) -> None:
    """`concurrency` above the site's limit of submitted jobs fails nothing."""
    stub("sbatch", refuse(policy("QOSMaxSubmitJobPerUserLimit")))
    executor = an_executor()
    pack = ClusterPack([info(a_job())], executor)
    pack.start()
    executor.running.append(pack)
    assert pack.job is None and executor._room_in_queue(100) == 0
    stub("sbatch", "echo 17")
    executor.queue.look([pack.name])
    assert pack.settle() == ([], [])
    assert pack.job == "17"


@pytest.mark.parametrize("noted", [True, False])
def test_what_is_in_the_queue_is_adopted(stub, noted) -> None:
    """However late the first jobs are released (trial calls, many jobs).

    Also where Snakemake was killed before it could note the id of the job.
    """
    run = info(a_job())
    before = ClusterPack([run], an_executor())
    stub("sbatch", "echo 17")
    before.start()
    if not noted:
        (before.folder / "job").unlink()
    stub("squeue", f'echo "{before.name}|17|RUNNING|None|node1"')
    again = an_executor(left_over=on_disk(SPOOL), _is_forced=lambda job: False)
    assert again._adopt([]) == []
    assert again._adopt([info(a_job())]) == []
    (pack,) = again.running
    assert (pack.job, pack.name) == ("17", before.name)


@pytest.mark.parametrize(("result", "forced", "adopted"), [(1, 0, 1), (1, 1, 0), (0, 0, 0)])
def test_a_run_that_ended_meanwhile_is_made_again_only_if_asked(
    stub, result, forced, adopted
) -> None:
    """Its marker is there: the result, if it is too, is the run's, unless it is forced."""
    before = ClusterPack([info(a_job())], an_executor())
    stub("sbatch", "echo 17")
    before.start()
    (before.folder / "0.done").touch()
    if result:
        Path("results/runs").mkdir(parents=True)
        Path("results/runs/seed0.parquet").touch()
    stub("squeue", f'echo "{before.name}|17|RUNNING|None|node1"')
    again = an_executor(left_over=on_disk(SPOOL), _is_forced=lambda job: bool(forced))
    assert len(again._adopt([info(a_job())])) == 1 - adopted
    assert len(again.running) == adopted


def test_what_never_came_to_slurm_is_handed_in(stub) -> None:
    before = ClusterPack([info(a_job())], an_executor())
    stub("sbatch", refuse(REFUSED))
    with pytest.raises(WorkflowError):
        before.start()
    again = an_executor(left_over=on_disk(SPOOL), _is_forced=lambda job: False)
    waiting = [info(a_job())]
    assert again._adopt(waiting) == waiting
    assert again.running == [] and again.left_over == {}
    assert on_disk(SPOOL) == {}  # and SLURM is not asked about it again


def test_the_folder_of_a_failed_pack_stays_until_its_runs_are_there(stub) -> None:
    """Its log says why, whatever retries come and go; also where a Snakemake finds it there."""
    stub("sbatch", "echo 17")
    stub("squeue", 'IFS=,; for name in ${6#--name=}; do echo "$name|17|FAILED|None|n1"; done')
    executor = an_executor()

    def train(*made: int, runs: tuple[int, ...]) -> Path:
        pack = ClusterPack([info(a_job(number)) for number in runs], executor)
        pack.start()
        for place, number in enumerate(runs):
            if number in made:
                Path("results/runs").mkdir(parents=True, exist_ok=True)
                Path(f"results/runs/seed{number}.parquet").touch()
                (pack.folder / f"{place}.done").touch()
        executor.queue.look([pack.name])
        pack.settle()
        pack.tidy()
        return pack.folder

    first = train(0, runs=(0, 1, 2))
    assert "ended as FAILED on n1" in (first / "ended").read_text()
    second = train(1, runs=(1, 2))
    folders.clear(SPOOL)
    assert first.exists() and second.exists()
    train(2, runs=(2,))
    assert list(SPOOL.iterdir()) == []


def test_what_a_killed_snakemake_leaves(stub) -> None:
    """A pack that SLURM may have is not touched, and one that finished alone leaves nothing."""
    stub("sbatch", "echo 17")
    pack = ClusterPack([info(a_job())], an_executor())
    pack.start()
    Path("results/runs").mkdir(parents=True)
    Path("results/runs/seed0.parquet").touch()
    folders.clear(SPOOL)  # between the file and its marker
    assert pack.folder.exists()
    (pack.folder / "0.done").touch()
    folders.clear(SPOOL)
    assert not pack.folder.exists()


@pytest.mark.parametrize(("asked", "kept"), [([0], True), ([0, 1], False)])
def test_a_pack_of_which_a_part_is_asked_for_keeps_its_folder(stub, asked, kept) -> None:
    """The job goes on with the other runs, and needs its folder for their markers."""
    stub("sbatch", "echo 17")
    before = ClusterPack([info(a_job(0)), info(a_job(1))], an_executor())
    before.start()
    pack = ClusterPack([info(a_job(number)) for number in asked], an_executor())
    pack.adopt(Found(before.folder, "17", 2, dict(zip(asked, pack.unsettled, strict=True))))
    for number in asked:
        (before.folder / f"{number}.done").touch()
    succeeded, failed = pack.settle()
    assert (len(succeeded), failed, pack.ended) == (len(asked), [], True)
    pack.tidy()
    assert before.folder.exists() == kept


def test_a_pack_asks_for_what_its_greediest_run_does(stub) -> None:
    """Both have reached max_walltime; the retry of one had too little memory."""
    jobs = [a_job(0, runtime=1440), a_job(1, attempt=2, runtime=1440, mem_mb=8000)]
    assert ClusterPack([info(job) for job in jobs], an_executor()).lead is jobs[1]


@pytest.mark.parametrize("states", [("RUNNING", "FAILED"), ("FAILED", "RUNNING")])
def test_of_two_jobs_of_one_pack_the_living_counts(stub, states) -> None:
    stub("squeue", "\n".join(f'echo "train-1|{n}|{s}|None|a"' for n, s in enumerate(states)))
    queue = Queue(0)
    queue.look(["train-1"])
    assert queue.jobs["train-1"].state == "RUNNING"


def test_nodes_that_are_down_are_waited_for(stub) -> None:
    """`PartitionNodeLimit` says that they are; a walltime over the limit is another matter."""
    reasons = ["PartitionNodeLimit", "PartitionTimeLimit"]
    stub("squeue", "\n".join(f'echo "train-{n}|{n}|PENDING|{r}|"' for n, r in enumerate(reasons)))
    queue = Queue(0)
    queue.look(["train-0", "train-1"])
    assert queue.jobs["train-0"].hopeless is None
    assert queue.jobs["train-1"].hopeless == "walltime"


def the_call(**resources) -> str:
    """`sbatch` as the stock plugin builds it from resources of rule `train`."""
    executor = an_executor(_failed_nodes=set(), _partitions=None)
    del executor.call, executor._partition
    executor.workflow = SimpleNamespace(executor_settings=ExecutorSettings(), workdir_init="/home")
    job = a_job(**{"cpus_per_task": 2, "gpu": 1} | resources)
    job.threads = 1
    return executor.call(job, "train-1", "output.log")


@pytest.mark.parametrize(
    ("resource", "value", "option"),
    [
        ("slurm_account", "abc", "-A abc"),
        ("slurm_partition", "long", "-p long"),
        ("qos", "high", "--qos=high"),
        ("constraint", "a100|h100", "-C 'a100|h100'"),
        ("gpu_model", "h200", "--gpus=h200:1"),
        ("cpus_per_task", 8, "--cpus-per-task=8"),
        ("mem_mb", 9000, "--mem 9000"),
        ("runtime", 30, "-t 30"),
        ("notice", 60, "--signal=B:USR1@60"),
        ("slurm_extra", "--exclude=node7", "--exclude=node7"),
    ],
)
def test_what_the_keys_become(resource, value, option) -> None:
    assert f" {option} " in f"{the_call(**{resource: value})} "
    assert "--requeue" in the_call()


def test_a_task_without_a_gpu_where_others_have_a_type() -> None:
    """`defaults: {gpu_type: h200}`, `tasks: {x: {gpus: 0}}`."""
    cluster = read_cluster({"defaults": {"gpu_type": "h200"}, "tasks": {"lstm_ptb": {"gpus": 0}}})
    needs = cluster.of("lstm_ptb")
    assert "gpu" not in the_call(gpu=needs.gpus, gpu_model=needs.gpu_model)


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
    """Else it would compute in another environment, and say nothing."""
    said = run_script(a_job(setup="module load nosuch", launcher="echo"))
    assert said.returncode == 1 and said.stdout == ""
    assert "module: command not found" in said.stderr
    assert "config/cluster.yaml: setup: its last command failed on " in said.stderr


@pytest.mark.parametrize(("gpus", "shown"), [(0, ""), (1, "3")])
def test_who_asks_for_no_gpu_is_shown_none(stub, monkeypatch, gpus, shown) -> None:
    """Where SLURM does not constrain devices, a pack would take one that is another's."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    job = a_job(gpu=gpus, launcher="printenv CUDA_VISIBLE_DEVICES; true")
    assert run_script(job).stdout == f"{shown}\n"


def test_functions_of_the_shell_reach_the_job(stub, monkeypatch) -> None:
    """`module` is one. A /bin/sh that is dash would drop it on the way to sbatch."""
    monkeypatch.setenv("BASH_FUNC_module%%", "() { echo loaded; }")
    stub("sbatch", "module")
    pack = ClusterPack([info(a_job())], an_executor())
    pack.start()
    assert pack.job == "loaded"


def test_extra_with_half_a_quote(stub) -> None:
    executor = an_executor(call=lambda *_, **__: "sbatch --exclude='node7")
    with pytest.raises(WorkflowError, match=r"cluster.yaml: extra: No closing quotation"):
        executor._test([a_job()])


def test_limits_are_asked_for_until_slurm_answers(stub) -> None:
    """Away when Snakemake starts, it may be back when the first pack is handed in."""
    stub("sinfo", "exit 1")
    executor = an_executor(known_limits=None)
    assert executor.limits.of(None) is None
    stub("sinfo", "echo 'main*|30:00|8000'")
    assert executor.limits.of(None) == 30
    stub("sinfo", "exit 1")
    assert executor.limits.of(None) == 30


def test_no_more_than_concurrency_at_a_time(stub) -> None:
    stub("sbatch", "echo 17")
    executor = an_executor()
    for number in range(3):
        executor.running.append(pack := ClusterPack([info(a_job(number))], executor))
        pack.start()
    assert executor._room_in_queue(4) == 1 and executor._room_in_queue(3) == 0


def test_what_would_wait_for_ever_is_cancelled_and_names_the_key(stub) -> None:
    stub("sbatch", "echo 17")
    stub("scancel", 'echo "$@" > cancelled')
    executor = an_executor()
    pack = ClusterPack([info(a_job())], executor)
    pack.start()
    stub("squeue", f'echo "{pack.name}|17|PENDING|PartitionTimeLimit|"')
    executor.queue.look([pack.name])
    _, failed = pack.settle()
    assert len(failed) == 1 and Path("cancelled").read_text() == "17\n"
    assert "for ever (PartitionTimeLimit); config/cluster.yaml: walltime" in pack.how_it_ended()
