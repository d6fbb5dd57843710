"""Whatever happens to jobs, nodes, controller and Snakemake, the runs finish with their bits."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import SECONDS, made_once, wait_for
from forked import Started
from slurm_lab import OnCluster

from largebatch.records import read_record, read_table, table_digest

LONG = 20  # epochs of the second task, whose pack can be held in the third epoch
RUNS = "results/tiny/runs"


@pytest.fixture
def slow(cluster: OnCluster, request) -> OnCluster:
    """Two packs, one of which can be held while something happens; in a partition if told."""
    cluster.ask_for(partition=getattr(request, "param", None))
    cluster.edit_study(lambda study: study["tasks"]["second"].update(epochs=LONG))
    cluster.prepare_for_trouble()
    return cluster


@pytest.fixture
def bits(slow: OnCluster, tmp_path_factory) -> dict[str, str]:
    """What every run must equal: trained on this machine without trouble (once per session)."""
    return digests(
        made_once(tmp_path_factory, "local", lambda root: slow.copy(root).snakemake("runs"))
    )


def digests(checkout) -> dict[str, str]:
    files = (checkout.root / RUNS).rglob("*.parquet")
    return {str(f.relative_to(checkout.root)): table_digest(read_table(f)) for f in files}


def records(checkout) -> list[dict]:
    return [read_record(file) for file in (checkout.root / RUNS).glob("second/**/*.parquet")]


def begin(checkout: OnCluster, *arguments: str) -> Started:
    """Start, and return when one pack is done and the slow one is held, with its checkpoints."""
    checkout.hold()
    snakemake = checkout.start_submitting("runs", *arguments)
    wait_for(lambda: checkout.is_held() and len(digests(checkout)) == 8, SECONDS)
    return snakemake


def end(snakemake: Started, code: int = 0) -> str:
    said = snakemake.communicate(timeout=SECONDS)
    assert snakemake.returncode == code, said
    return said


def arrived(checkout: OnCluster, bits: dict[str, str]) -> None:
    assert digests(checkout) == bits
    assert checkout.strays() == []
    assert list((checkout.root / ".snakemake/lanes").iterdir()) == []
    assert "Nothing to be done" in checkout.submit("-n", "runs")


def the_job(checkout: OnCluster) -> str:
    """The job of the slow pack, once the other pack has ended."""
    wait_for(lambda: len(checkout.lab.jobs()) == 1)
    (job,) = checkout.lab.jobs()
    return job


def went_on(checkout: OnCluster) -> list[dict]:
    """Records of the slow pack's runs, which all went on from checkpoints."""
    found = records(checkout)
    assert len(found) == 8
    assert all(record["facts"]["resumed_from"]["epoch"] > 1 for record in found)
    return found


def restarted_by_slurm(checkout: OnCluster) -> list[dict]:
    """The same records, after SLURM started the pack again and Snakemake did not."""
    found = went_on(checkout)
    assert all(record["slurm"]["restarts"] == "1" for record in found)
    assert all(record["facts"]["attempt"] == 1 for record in found)
    return found


def states(checkout: OnCluster) -> dict[str, int]:
    """The states of the slow pack's figure, from `largebatch status`."""
    head, _, line = checkout.largebatch("status").splitlines()[:3]
    return dict(zip(head.split()[1:6], map(int, line.split()[1:6]), strict=True))


def test_a_node_dies(slow: OnCluster, bits: dict[str, str]) -> None:
    """SLURM starts the pack on another node; it goes on from its checkpoints. No retry is used."""
    snakemake = begin(slow, "--retries", "0")
    node = slow.lab.jobs()[the_job(slow)]
    slow.lab.call("scontrol", "update", "partition=main", "state=down")  # not started again yet
    slow.lab.crash(node)
    wait_for(lambda: states(slow)["running"] == 0)
    assert states(slow)["failed"] == 0
    slow.let_go()
    slow.lab.call("scontrol", "update", "partition=main", "state=up")
    end(snakemake)
    slow.lab.up()
    arrived(slow, bits)
    assert all(record["slurm"]["node"] != node for record in restarted_by_slurm(slow))


@pytest.mark.parametrize("slow", ["spare"], indirect=True)
def test_preempted(slow: OnCluster, bits: dict[str, str]) -> None:
    """More urgent jobs push the pack out; SLURM starts it again. No retry is used."""
    snakemake = begin(slow, "--retries", "0")
    job = the_job(slow)
    urgent = "sbatch -o /dev/null -p urgent --exclusive -N 3 -t 2 --wrap true"
    slow.lab.call(*urgent.split())
    wait_for(lambda: slow.lab.is_restarted(job))
    slow.let_go()
    end(snakemake)
    arrived(slow, bits)
    assert all(record["slurm"]["partition"] == "spare" for record in restarted_by_slurm(slow))


def test_requeued_by_hand(slow: OnCluster, bits: dict[str, str]) -> None:
    """`scontrol requeue` is SLURM's affair: the pack starts again by itself. No retry is used."""
    snakemake = begin(slow, "--retries", "0")
    job = the_job(slow)
    slow.lab.call("scontrol", "requeue", job)
    wait_for(lambda: slow.lab.is_restarted(job))
    slow.let_go()
    end(snakemake)
    arrived(slow, bits)
    restarted_by_slurm(slow)


def test_scancel_and_a_retry(slow: OnCluster, bits: dict[str, str]) -> None:
    """Snakemake hands the pack in again, and it goes on from its checkpoints."""
    snakemake = begin(slow, "--retries", "1")
    job = the_job(slow)
    slow.lab.call("scancel", job)
    wait_for(lambda: job not in slow.lab.jobs("RUNNING,COMPLETING"))
    slow.let_go()
    end(snakemake)
    arrived(slow, bits)
    assert all(record["facts"]["attempt"] == 2 for record in went_on(slow))


def test_scancel_from_outside(slow: OnCluster, bits: dict[str, str]) -> None:
    """Only the pack's own runs fail; they are counted, with the reason and the log."""
    snakemake = begin(slow, "--retries", "0")
    job = the_job(slow)
    slow.lab.call("scancel", job)
    said = end(snakemake, code=1)
    assert f"(SLURM job {job}) ended as CANCELLED" in said
    assert "8 jobs failed, " in said
    assert len(digests(slow)) == 8 and digests(slow).items() <= bits.items()
    slow.let_go()
    slow.submit("runs")
    arrived(slow, bits)
    went_on(slow)


def test_snakemake_is_killed_and_started_again(slow: OnCluster, bits: dict[str, str]) -> None:
    """What is in SLURM's queue goes on, and the next Snakemake takes it over."""
    snakemake = begin(slow)
    snakemake.kill()
    snakemake.communicate()
    before = slow.lab.jobs("all")
    slow.submit("--unlock")
    second = slow.start_submitting("runs")
    wait_for(lambda: "adopted SLURM job" in second.said, SECONDS)
    slow.let_go()
    end(second)
    assert slow.lab.jobs("all").keys() == before.keys()
    arrived(slow, bits)
    assert not any("resumed_from" in record["facts"] for record in records(slow))


def test_two_snakemakes(slow: OnCluster, bits: dict[str, str]) -> None:
    """The second is refused; if it insists (--nolock), it shares the jobs of the first."""
    snakemake = begin(slow)
    before = slow.lab.jobs("all")
    assert "cannot be locked" in slow.submit("runs", code=1)
    second = slow.start_submitting("--nolock", "runs")
    wait_for(lambda: "adopted SLURM job" in second.said, SECONDS)
    slow.let_go()
    end(second)
    end(snakemake)
    assert slow.lab.jobs("all").keys() == before.keys()
    arrived(slow, bits)


def test_the_controller_is_restarted(slow: OnCluster, bits: dict[str, str]) -> None:
    """While it is away nothing is known, and nothing is given up."""
    snakemake = begin(slow, "--retries", "0")
    slow.lab.kill_controller()
    with pytest.raises(subprocess.TimeoutExpired):
        snakemake.wait(8)
    slow.lab.up(KEEP_STATE="1")
    slow.let_go()
    end(snakemake)
    arrived(slow, bits)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=lambda sent: sent.name)
def test_interrupted(slow: OnCluster, bits: dict[str, str], sent: signal.Signals) -> None:
    """Ctrl-C or SIGTERM cancels what is in the queue; the checkpoints stay."""
    snakemake = begin(slow)
    the_job(slow)
    snakemake.send_signal(sent)
    end(snakemake, code=1)
    wait_for(lambda: not slow.lab.jobs("PENDING,RUNNING,CONFIGURING,COMPLETING"))
    assert len(slow.checkpoints()) == 8
    assert not list(slow.root.glob(f"{RUNS}/**/*.lease"))
    slow.let_go()
    slow.submit("runs")
    arrived(slow, bits)


def test_past_the_time_limit(slow: OnCluster, bits: dict[str, str]) -> None:
    """Told before its minute is over, the pack saves and stops; the retry asks for two."""
    slow.edit_cluster(lambda file: file["cluster"].update(notice=15))
    slow.ask_for(walltime=1)
    snakemake = begin(slow)
    first = the_job(slow)
    wait_for(lambda: slow.lab.jobs().keys() - {first})
    slow.let_go()
    assert "told to stop" in end(snakemake)
    assert digests(slow) == bits
    (job,) = {record["slurm"]["job"] for record in records(slow)}
    assert slow.lab.call("squeue", "-h", "-t", "all", "-j", job, "-o", "%l") == "2:00"
    assert all(record["facts"]["attempt"] == 2 for record in went_on(slow))


@pytest.fixture
def small_disk(slow: OnCluster) -> Iterator[OnCluster]:
    disk = slow.lab.small_disk
    (slow.root / "results").mkdir()
    (slow.root / "results/tiny").symlink_to(disk)
    yield slow
    subprocess.run(["find", str(disk), "-mindepth", "1", "-delete"], check=True)


def is_full(disk: Path, ballast: Path) -> bool:
    """Fill the disk; files that the trainer was writing may leave room again."""
    with contextlib.suppress(OSError), ballast.open("ab") as file:
        file.write(bytes(2**20))
    return not os.statvfs(disk).f_bavail and not list(disk.rglob("*.tmp"))


def test_a_full_disk(small_disk: OnCluster, bits: dict[str, str]) -> None:
    """Full during checkpoints and results: what exists stays whole, the rest follows."""
    disk = (small_disk.root / "results/tiny").resolve()
    snakemake = begin(small_disk, "--retries", "0")
    ballast = disk / "ballast"
    wait_for(lambda: is_full(disk, ballast))
    small_disk.let_go()
    said = end(snakemake, code=1)
    assert "No space left" in said
    assert digests(small_disk).items() < bits.items()
    assert not list(disk.rglob("*.tmp"))
    ballast.unlink()
    small_disk.submit("runs")
    assert digests(small_disk) == bits
