"""How SLURM's commands are called, and what is read from what they print."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import wait_for
from cluster_stubs import a_queue, an_executor, handed_in, in_queue, some_calls

from snakemake_executor_plugin_lanes.cluster.commands import call
from snakemake_executor_plugin_lanes.cluster.submit import submit

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
    pack = handed_in(by=executor)
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


def test_a_warning_beside_an_answer_is_no_silence(stub) -> None:
    stub("squeue", "echo 'squeue: error: Connection slow' >&2; echo answer")
    assert call("squeue").stdout == "answer\n"


def test_words_in_no_encoding(stub) -> None:
    stub("squeue", r"printf 'caf\xe9\n'")
    assert call("squeue").stdout == "caf\ufffd\n"
