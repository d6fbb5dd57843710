"""How `sbatch` is called for a job, and whether SLURM would take it."""

import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from snakemake_executor_plugin_slurm.partitions import get_best_partition, read_partition_file
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_lanes.cluster import options, submit
from snakemake_executor_plugin_lanes.cluster.commands import Away
from snakemake_executor_plugin_lanes.cluster.limits import Limits, ask_sinfo
from snakemake_executor_plugin_lanes.settings import ExecutorSettings


class Calls:
    """Calls of `sbatch`, by the user's settings and within the partitions' limits.

    given_up: asked now and then whether the limits are still of interest.
    """

    def __init__(self, settings: ExecutorSettings, logger, given_up: Callable[[], bool]):
        self.settings, self.logger, self.given_up = settings, logger, given_up
        table = settings.partition_config or os.environ.get("SNAKEMAKE_SLURM_PARTITIONS")
        self.table = read_partition_file(Path(table)) if table else None
        self.known_limits: Limits | None = None
        self.asked = -math.inf

    def call(self, job, name: str, log: Path | str, comment: str) -> list[str]:
        """The `sbatch` call for a pack led by `job`, without its script."""
        return options.command(
            job,
            name,
            log,
            comment,
            partition=self.partition(job),
            limits=self.limits,
            settings=self.settings,
        )

    @property
    def limits(self) -> Limits:
        """The partitions' limits, asked for as often as the queue; none until SLURM answers."""
        if not self.known_limits and time.monotonic() - self.asked >= self.settings.status_seconds:
            self.known_limits = ask_sinfo(self.given_up)
            self.asked = time.monotonic()
        return self.known_limits or Limits()

    def partition(self, job) -> str | None:
        """The job's own, or by the stock plugin's table, or the user's default; None: SLURM's."""
        named = job.resources.get("slurm_partition")
        if not named and self.table:
            named = get_best_partition(self.table, job, self.logger)
        return str(named) if named else os.environ.get("SBATCH_PARTITION")

    def test(self, jobs: Sequence) -> None:
        """Ask SLURM whether it would take each kind of these jobs. Raises WorkflowError if not."""
        kinds: dict[tuple[str, ...], object] = {}
        if jobs:
            _slurm_must_be_here()
        for job in jobs:
            self.limits.test(job, self.partition(job))
            kinds.setdefault(tuple(self.call(job, "test", "/dev/null", "test")), job)
        try:
            for call, job in kinds.items():
                self._test(call, job)
        except Away as said:
            self.logger.warning(f"SLURM takes no jobs at present ({said}); packs wait for it.")

    def _test(self, call: tuple[str, ...], job) -> None:
        try:
            submit.test(call, job.resources.pack)
        except submit.NoSuchNode as said:
            # `--test-only` wants nodes that are up now; `sbatch` itself queues the job.
            if not self.limits.some_rest(self.partition(job)):
                raise
            self.logger.warning(f"{said}; some nodes are down or drained, so packs wait for them.")


def _slurm_must_be_here() -> None:
    for program in ("sbatch", "squeue", "scancel", "sinfo"):
        if shutil.which(program) is None:
            raise WorkflowError(
                f"--profile slurm: there is no `{program}` here; run Snakemake on a login node of "
                "a SLURM cluster, or leave the profile out to compute on this machine."
            )
