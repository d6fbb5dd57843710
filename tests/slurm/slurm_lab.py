"""A real SLURM on this machine, started from Debian's packages, and a checkout that uses it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import yaml
from checkout import Checkout, wait_for
from forked import Started

SCRIPTS = Path(__file__).parent / "cluster"
# Waits for tests in a hurry: seconds instead of minutes.
FAST = ("--lanes-status-seconds", "1", "--lanes-grace-seconds", "4", "--latency-wait", "5")
# What the trainer does after every step, and what it does first while it is held.
PAUSE = "        stop = self.hooks.told_to_stop()\n"
HELD = """\
        import os
        while pack.epoch > 2 and os.path.exists("held") and not self.hooks.told_to_stop():
            if time.monotonic() - self.saved_at > self.interval:
                self.save(pack)
            time.sleep(0.05)
"""


class Lab:
    """A cluster of three nodes, two of them with two fake GPUs. Stops only what it started."""

    def __init__(self, accounting: bool, port: int):
        self.folder = Path(tempfile.mkdtemp(prefix="lab"))
        self.environment = {
            "SLURM_LAB": str(self.folder),
            "SLURM_CONF": str(self.folder / "etc/slurm.conf"),
            "PORT0": str(port),
            "ACCT": str(int(accounting)),
            "NODE_CPUS": "4",
            "NODE_GPUS": "2",
            "GPU_TYPE": "a100",
        }

    @property
    def small_disk(self) -> Path:
        """A file system of one megabyte that the nodes see as well."""
        return self.folder / "small"

    def begin(self) -> None:
        self.small_disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(self.small_disk)]
        subprocess.run(mount, check=True)  # before the nodes, which keep the mounts they find
        self.up()

    def end(self) -> None:
        self._script("down.sh")
        subprocess.run(["umount", str(self.small_disk)], check=True)
        shutil.rmtree(self.folder)

    def up(self, **settings: str) -> None:
        """Start what is not running."""
        self._script("up.sh", **settings)

    def crash(self, node: str) -> None:
        """Kill slurmd and every process of every job there, as if the power were cut."""
        self._script("node.sh", "crash", node)

    def kill_controller(self) -> None:
        pid, _ = (self.folder / "run/slurmctld.pid").read_text().split()
        os.kill(int(pid), signal.SIGKILL)

    def call(self, *command: str) -> str:
        said = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True, timeout=60
        )
        return said.stdout.strip()

    def is_restarted(self, job: str) -> bool:
        """Whether SLURM has put the job back into its queue, or started it again since."""
        return " Restarts=1 " in self.call("scontrol", "show", "job", "-o", job)

    def jobs(self, states: str = "PENDING,RUNNING,CONFIGURING") -> dict[str, str]:
        """{job: its node, or why it waits}; `all` includes those that have ended."""
        lines = self.call("squeue", "-h", "-t", states, "-o", "%i %R").splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def clear(self) -> None:
        for job in self.jobs():
            self.call("scancel", job)
        wait_for(lambda: not self.jobs("PENDING,RUNNING,CONFIGURING,COMPLETING"))

    def _script(self, name: str, *arguments: str, **settings: str) -> None:
        said = subprocess.run(
            ["bash", str(SCRIPTS / name), *arguments],
            env=os.environ | self.environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert said.returncode == 0, said.stdout


class OnCluster(Checkout):
    """A checkout whose `--profile slurm` runs a study for tests on the lab's cluster."""

    lab: Lab

    @classmethod
    def create_on(cls, lab: Lab, root: Path, study: str = "tiny") -> "OnCluster":
        checkout = cls.create(root)
        checkout.lab = lab
        (root / "slurm").symlink_to("profiles/slurm")
        checkout.edit_cluster(lambda file: file.update(study=study))
        checkout.ask_for(memory_mb=2000)
        config = root / "config/config.yaml"  # the lab's GPUs are fake: packs as for a CPU
        config.write_text(config.read_text().replace("device: auto", "device: cpu"))
        return checkout

    def prepare_for_trouble(self) -> None:
        """Frequent checkpoints, short leases, and packs that can be held (`hold`)."""
        for file, old, new in (
            ("worker", "CHECKPOINT_SECONDS = 300.0", "CHECKPOINT_SECONDS = 0.5"),
            ("leases/times", "beat: float = 15.0", "beat: float = 1.0"),
            ("leases/times", "stale: float = 90.0", "stale: float = 6.0"),
            ("drive", PAUSE, HELD + PAUSE),
        ):
            path = self.root / f"src/largebatch/training/{file}.py"
            assert path.read_text().count(old) == 1
            path.write_text(path.read_text().replace(old, new))

    def hold(self) -> None:
        """Starting with the third epoch, a pack takes no step until `let_go`.

        Meanwhile it saves its checkpoints as usual, and stops if it is told to.
        """
        (self.root / "held").touch()

    def let_go(self) -> None:
        (self.root / "held").unlink()

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | self.lab.environment

    def edit_cluster(self, edit) -> None:
        file = self.root / "config/cluster.yaml"
        content = yaml.safe_load(file.read_text())
        edit(content)
        file.write_text(yaml.safe_dump(content, sort_keys=False))

    def ask_for(self, **needs) -> None:
        self.edit_cluster(lambda file: file["cluster"]["defaults"].update(needs))

    def submit(self, *arguments: str, code: int | None = 0) -> str:
        """`snakemake --profile slurm`, to its end."""
        return self.call("snakemake", "--profile", "slurm", *FAST, *arguments, code=code)

    def start_submitting(self, *arguments: str) -> Started:
        return self.start("snakemake", "--profile", "slurm", *FAST, *arguments)

    def packs(self) -> list[dict]:
        """The jobs that Snakemake has submitted and not yet forgotten."""
        files = sorted(self.root.glob(".snakemake/lanes/*/job"))
        return [{"job": file.read_text(), "folder": file.parent} for file in files]

    def is_held(self) -> bool:
        """Whether the slow pack and the checkpoints of all its runs are past its second epoch."""
        news = [news for news in self.progress() if news["epoch"] == 2 < news["epochs"]]
        saved = [file.stat().st_mtime for file in self.checkpoints()]
        return bool(news) and len(saved) == 8 and min(saved) > news[0]["time"]

    def progress(self) -> list[dict]:
        """The latest progress of each pack."""
        found = []
        for file in self.root.glob(".snakemake/lanes/*/progress.json"):
            with contextlib.suppress(FileNotFoundError):  # its folder has been removed since
                found.append(json.loads(file.read_text()))
        return found

    def checkpoints(self) -> list[Path]:
        """The checkpoints of the slow task, which can be held."""
        return sorted(self.root.glob("results/*/runs/second/**/*.checkpoint"))

    def strays(self) -> list[Path]:
        files = [path for path in self.root.glob("results/*/runs/**/*") if path.is_file()]
        return [path for path in files if path.suffix != ".parquet"]
