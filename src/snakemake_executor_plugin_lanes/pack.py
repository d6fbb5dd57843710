"""A pack on disk: what its process has to do, and what the process reports meanwhile.

.snakemake/lanes/<pack>/pack.json       {"pack", "rule", "resources", "runs": [...], "holder"}
                        <number>.done   touched by the process once that run's file is whole
                        progress.json   written by the process after every epoch
                        output.log      what the process printed
                        pid             the process (on a cluster: job, the SLURM job's id)
                        ended           how it ended
"""

import contextlib
import json
import os
import re
import shutil
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo

from largebatch.training.leases.holder import myself
from largebatch.training.leases.spool import NO_SUCH_CONTENT, SPOOL
from snakemake_executor_plugin_lanes import folders
from snakemake_executor_plugin_lanes.process import how_it_ended, start


def outputs(job) -> str | list[str]:
    """The files that a job makes; a single one not as a list."""
    paths = [str(path) for path in job.output]
    return paths[0] if len(paths) == 1 else paths


def _name(lead, size: int) -> str:
    """`wrn-16-4_cifar10-b32-paper-x20-1a2b3c4d`: what is read in SLURM's queue and as a folder.

    By default `squeue` shows eight letters of it, so it begins with the task.
    """
    words = lead.resources.get("pack", lead.name), lead.wildcards.get("study"), f"x{size}"
    name = "-".join(filter(None, words))[:200]  # of 255 that a folder's name may have
    return f"{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}-{uuid.uuid4().hex[:8]}"


class Pack:
    """One process and the jobs that it runs."""

    def __init__(self, members: Sequence[SubmittedJobInfo]):
        self.unsettled = list(members)
        self.lead = members[0].job
        self.name = _name(self.lead, len(members))
        self.folder = SPOOL.absolute() / self.name
        self.process: Popen | None = None
        self.ended = False
        self.extra: dict[str, str] = {}  # of the environment
        for number, member in enumerate(members):
            member.external_jobid = self.name
            member.aux = {"done": f"{number}.done"}

    @property
    def begun(self) -> str:
        """The word reported when it is launched."""
        return "started"

    @property
    def state(self) -> str:
        """Why it is not running; empty if it is."""
        return ""

    @property
    def log(self) -> Path:
        return self.folder / "output.log"

    @property
    def file(self) -> Path:
        return self.folder / "pack.json"

    @property
    def arguments(self) -> list[str]:
        """The arguments that Python is called with."""
        return ["-m", "largebatch", self.lead.name, "--pack", str(self.file)]

    def start(self) -> None:
        self.write()
        with self.log.open("wb") as output:
            self.process = start([sys.executable, *self.arguments], output, self.extra)
        folders.note(self.folder, "pid", str(self.process.pid))

    def write(self) -> None:
        """Write down what is to be done."""
        self.folder.mkdir(parents=True)
        self.file.write_text(json.dumps(self._content(), indent=1))

    def over(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def how_it_ended(self) -> str:
        return how_it_ended(self.process.returncode) if self.process else "was not started"

    def settle(self) -> tuple[list[SubmittedJobInfo], list[SubmittedJobInfo]]:
        """Jobs that have succeeded since the last call, and those that no longer can.

        A result without a marker counts once the process has ended: it was killed in between. (Old
        results were set aside, and every result is whole when it appears.)
        """
        over = self.over()  # asked first: a process writes its markers before it ends
        there = self._markers()
        if over:
            there |= {m.aux["done"] for m in self.unsettled if folders.is_made(outputs(m.job))}
        succeeded = [m for m in self.unsettled if m.aux["done"] in there]
        others = [m for m in self.unsettled if m.aux["done"] not in there]
        failed, self.unsettled = (others, []) if over else ([], others)
        self.ended = over
        if over:
            folders.note(self.folder, "ended", self.how_it_ended())
        return succeeded, failed

    def _markers(self) -> set[str]:
        """The markers so far; not by `glob`, which takes an unreadable folder for an empty one."""
        try:
            return {name for name in os.listdir(self.folder) if name.endswith(".done")}
        except FileNotFoundError:
            return set()

    def tidy(self) -> None:
        """Remove the pack's folder if all its runs are done, and older ones that it completed."""
        with contextlib.suppress(OSError):
            folders.sweep([self.file, *self.folder.parent.glob("*/ended")])

    def discard(self) -> None:
        """Remove the folder of a pack that could not be started."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def progress(self) -> dict:
        """The epochs by what the process wrote last; empty before that.

        {"epoch": that has ended, "epochs": of a run, "resumed": those in the checkpoint}
        """
        try:
            seen = json.loads((self.folder / "progress.json").read_text())
            epochs = {"epoch": int(seen["epoch"]), "epochs": int(seen["epochs"])}
            return epochs | {"resumed": int(seen["first"]) - 1}
        except (OSError, *NO_SUCH_CONTENT):
            return {}

    def _content(self) -> dict:
        plain = (int, float, str, bool)
        resources = {k: v for k, v in self.lead.resources.items() if isinstance(v, plain)}
        runs = [self._run(member) for member in self.unsettled]
        return {
            "pack": self.name,
            "rule": self.lead.name,
            "resources": resources,
            "runs": runs,
            "holder": myself(),  # this Snakemake: its processes on this machine end with it
        }

    def _run(self, member: SubmittedJobInfo) -> dict:
        job = member.job
        return {
            **dict(job.wildcards.items()),
            **dict(job.params.items()),
            **{name: str(value) for name, value in job.input.items()},
            "out": outputs(job),
            "log": str(job.log[0]) if job.log else None,
            "done": str(self.folder / member.aux["done"]),
            "attempt": job.attempt,
        }
