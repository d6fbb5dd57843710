"""What is submitted: nine figures with a local run's bytes, only what is new, and no mistakes."""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from checkout import PROJECT, wait_for
from slurm_lab import Lab, OnCluster

from largebatch.records import read_record, read_table, table_digest

NAMES = ("squeue", "-h", "-t", "PENDING", "-o", "%j")


def test_nine_figures_as_made_locally(lab: Lab, tmp_path: Path) -> None:
    """The demo study, on two nodes with GPUs and on this machine: the same bytes.

    The local results are those of `make figures`, as far as Snakemake finds them up to date.
    """
    far = OnCluster.create_on(lab, tmp_path / "far", study="demo")
    near = far.copy(tmp_path / "near")
    take_what_is_made_here(near.root)
    far.submit("figures")
    near.snakemake("figures", "--config", "study=demo")
    pictures = sorted((near.root / "results/demo/figures").glob("*.[ps][dvn][fg]"))
    assert len(pictures) == 27
    for picture in pictures:
        assert (far.root / picture.relative_to(near.root)).read_bytes() == picture.read_bytes()
    for run in (near.root / "results/demo/runs").rglob("*.parquet"):
        there = far.root / run.relative_to(near.root)
        assert table_digest(read_table(there)) == table_digest(read_table(run))
        slurm = read_record(there)["slurm"]
        assert slurm["job"] and slurm["node"] in ("n1", "n2") and slurm["partition"] == "main"
        assert "slurm" not in read_record(run)
    lab.clear()


def take_what_is_made_here(root: Path) -> None:
    """The demo study's results, if a CPU made them, and what Snakemake knows about them."""
    runs = (PROJECT / "results/demo/runs").rglob("*.parquet")
    if any(read_record(run)["facts"]["device"] != "cpu" for run in runs):
        return
    for part in ("results/demo", ".snakemake/metadata"):
        if (PROJECT / part).exists():
            shutil.copytree(PROJECT / part, root / part)
    data = Path("results/data/digits.safetensors")
    if (PROJECT / data).exists():
        (root / data).parent.mkdir(parents=True)
        shutil.copy2(PROJECT / data, root / data)


def test_a_new_seed(cluster: OnCluster) -> None:
    """Only its packs are submitted, one for each task that has it; then nothing is left to do."""
    cluster.submit("figures")
    before = cluster.lab.jobs("all")
    assert len(before) >= 2
    cluster.edit_study(lambda study: study["sweeps"]["first"].update(seeds=[0, 1, 2]))
    changed = cluster.changed_by(lambda: cluster.submit("figures"))
    assert len(cluster.lab.jobs("all")) == len(before) + 1
    assert len([path for path in changed if path.endswith("seed2.parquet")]) == 4
    assert len(changed) == 4 + 1 + 4
    assert "Nothing to be done" in cluster.submit("-n", "figures")


def test_results_outlive_packs_that_only_waited(cluster: OnCluster) -> None:
    """Handed in by mistake, and taken back while they were in the queue."""
    cluster.submit("runs")
    before = cluster.files()
    cluster.lab.call("scontrol", "update", "partition=main", "state=down")
    try:
        snakemake = cluster.start_submitting("runs", "-R", "train")
        wait_for(lambda: len(cluster.lab.jobs("PENDING")) == 2)
        (waiting,) = {name[:-8] for name in cluster.lab.call(*NAMES).split() if "first" in name}
        snakemake.send_signal(signal.SIGINT)
        snakemake.communicate()
    finally:
        cluster.lab.call("scontrol", "update", "partition=main", "state=up")
    assert waiting == "first-b64-tiny-x8-"
    assert not cluster.lab.jobs() and cluster.files() == before
    assert "Nothing to be done" in cluster.submit("-n", "runs")


@pytest.mark.parametrize(
    ("needs", "key", "reason"),
    [
        ({"partition": "nosuch"}, "partition", "[Ii]nvalid partition"),
        ({"gpu_type": "h200"}, "gpu", "node configuration is not available"),
        ({"walltime": 2000, "max_walltime": 3000}, "walltime", "the default partition allows 1440"),
        ({"memory_mb": 9_000_000}, "memory_mb", "node configuration is not available"),
    ],
)
def test_settings_that_slurm_refuses(cluster: OnCluster, needs, key, reason) -> None:
    cluster.ask_for(**needs)
    said = cluster.submit("runs", "--retries", "0", code=1)
    assert re.search(reason, said)
    assert re.search(rf"config/cluster.yaml: .*{key}", said)
    assert "Traceback" not in said and ".py" not in said.partition("Building DAG")[2]
    assert not cluster.lab.jobs()


def test_each_pack_has_its_own_gpu(cluster: OnCluster) -> None:
    """Two at a time on one node; the controller accepts the type and gives each its own."""
    cluster.ask_for(gpu_type="a100", extra="--nodelist=n1")
    told = 'echo "$SLURM_JOB_GPUS $CUDA_VISIBLE_DEVICES" > told-$SLURM_JOB_ID'
    both = "for i in {1..600}; do [ $(ls told-* | wc -l) = 2 ] && break; sleep 0.1; done"
    cluster.edit_cluster(lambda file: file["cluster"].update(setup=f"{told}\n{both}"))
    cluster.submit("runs")
    told = sorted(path.read_text() for path in cluster.root.glob("told-*"))
    assert told == ["0 0\n", "1 1\n"]


def test_no_slurm_here(cluster: OnCluster, monkeypatch, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name != "sbatch":
            (tools / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tools))
    said = cluster.submit("runs", code=1)
    assert "there is no `sbatch` here" in said
    assert "Traceback" not in said


def test_with_accounting(lab_with_accounting: Lab, tmp_path: Path) -> None:
    """Packs are charged to the account, and run in the partition, that the file names."""
    checkout = OnCluster.create_on(lab_with_accounting, tmp_path / "checkout")
    checkout.ask_for(account="labacct", partition="gpu", cpus=1)
    checkout.submit("figures")
    runs = list((checkout.root / "results/tiny/runs").rglob("*.parquet"))
    assert len(runs) == 16
    assert {read_record(run)["slurm"]["partition"] for run in runs} == {"gpu"}
    ask = ("sacct", "-n", "-X", "-P", "-o", "Account,State,ReqTRES")
    wait_for(lambda: lab_with_accounting.call(*ask).count("labacct|COMPLETED") == 2)
    assert "gres/gpu=1" in lab_with_accounting.call(*ask)


def test_the_profile_is_found_from_the_root() -> None:
    assert os.readlink(PROJECT / "slurm") == "profiles/slurm"
