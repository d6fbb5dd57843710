"""`snakemake --profile slurm` from end to end, with a script in place of SLURM's commands."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from checkout import SECONDS, Checkout, wait_for
from forked import Started
from test_incremental import FIRST, SECOND

PRETENDED = Path(__file__).with_name("pretend_slurm.sh")
SLURM = ("--profile", "slurm", "--lanes-status-seconds", "1", "--lanes-grace-seconds", "1")
ENDLESS = 10**6


@pytest.fixture
def queue(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """The folder where the pretended SLURM keeps its jobs."""
    (tmp_path / "bin").mkdir()
    for name in ("sbatch", "squeue", "scancel", "sinfo"):
        (tmp_path / "bin" / name).symlink_to(PRETENDED)
    (tmp_path / "queue").mkdir()
    monkeypatch.setenv("QUEUE", str(tmp_path / "queue"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    yield tmp_path / "queue"
    for file in (tmp_path / "queue").glob("*.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int(file.read_text()), signal.SIGKILL)


def on_cluster(root: Path) -> Checkout:
    checkout = Checkout.create(root)
    (root / "slurm").symlink_to("profiles/slurm")
    file = root / "config/cluster.yaml"
    settings = yaml.safe_load(file.read_text()) | {"study": "tiny"}
    settings["cluster"]["defaults"]["gpus"] = 0
    file.write_text(yaml.safe_dump(settings))
    return checkout


def states(queue: Path) -> list[str]:
    return sorted(file.read_text().strip() for file in queue.glob("*.state"))


def test_all_figures(queue: Path, tmp_path: Path) -> None:
    """In a folder whose name SLURM or a shell might take for something else."""
    checkout = on_cluster(tmp_path / "50%j of it's")
    checkout.call("snakemake", *SLURM, "figures")
    assert len(list((checkout.root / "results/tiny/figures").glob("*.pdf"))) == 2
    wait_for(lambda: states(queue) == ["COMPLETED", "COMPLETED"])
    assert list((checkout.root / ".snakemake/lanes").iterdir()) == []
    assert "Nothing to be done" in checkout.call("snakemake", *SLURM, "-n", "figures")


def test_ctrl_c_twice_during_a_submission(queue: Path, tmp_path: Path) -> None:
    """A terminal sends Ctrl-C to the whole process group. No unknown job may go on."""
    checkout = on_cluster(tmp_path / "checkout")
    checkout.edit_study(
        lambda study: [task.update(epochs=ENDLESS) for task in study["tasks"].values()]
    )
    (queue / "slow").touch()
    snakemake = checkout.start("snakemake", *SLURM, "runs", alone=True)
    wait_for(lambda: list(queue.glob("*.pid")))
    os.killpg(snakemake.pid, signal.SIGINT)
    time.sleep(0.5)
    os.killpg(snakemake.pid, signal.SIGINT)
    try:
        said = snakemake.communicate(timeout=SECONDS)
    finally:
        snakemake.kill()
    assert snakemake.returncode == 1, said
    assert states(queue) == ["CANCELLED"]  # and the other pack was not handed in
    wait_for(lambda: checkout.processes() == [])
    assert checkout.planned("runs", "--config", "study=tiny") == FIRST | SECOND


def killed(snakemake: Started, once: str) -> None:
    """Kill Snakemake as soon as it has printed `once`."""
    wait_for(lambda: once in snakemake.said, SECONDS)
    snakemake.kill()
    snakemake.wait()


def test_what_the_next_snakemake_does_with_jobs_of_a_killed_one(
    queue: Path, tmp_path: Path
) -> None:
    """It adopts them, or cancels them if they train with settings that are no longer wanted."""
    checkout = on_cluster(tmp_path / "checkout")
    checkout.edit_study(lambda study: study["tasks"]["second"].update(epochs=ENDLESS))
    calls = ("snakemake", *SLURM, "--lanes-grace-seconds", "60", "--nolock", *sorted(SECOND))
    killed(checkout.start(*calls), "second/b64 submitted, SLURM job 1")
    killed(checkout.start(*calls), "adopted SLURM job 1: 8 jobs")
    checkout.edit_study(lambda study: study["tasks"]["second"].update(epochs=2))
    said = checkout.call(*calls)
    assert "cancelled SLURM job 1, which trains with other settings" in said
    assert "submitted, SLURM job 2" in said
    wait_for(lambda: states(queue) == ["CANCELLED", "COMPLETED"])
