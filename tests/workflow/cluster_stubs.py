"""Jobs and an executor as Snakemake would hand them over, and SLURM's refusal of one."""

import time
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes.cluster.adoption import LeftOver
from snakemake_executor_plugin_lanes.cluster.calls import Calls
from snakemake_executor_plugin_lanes.cluster.executor import SlurmExecutor
from snakemake_executor_plugin_lanes.cluster.limits import Limits
from snakemake_executor_plugin_lanes.cluster.line import Line
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.cluster.queue import Queue
from snakemake_executor_plugin_lanes.release import released
from snakemake_executor_plugin_lanes.settings import ExecutorSettings


class AtOnce:
    """A thread that does everything before `submit` returns."""

    def shutdown(self) -> None:
        pass

    def submit(self, function, *arguments) -> Future:
        done: Future = Future()
        try:
            done.set_result(function(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done


def a_queue(*how) -> Queue:
    """A queue that waits for the answer when it is looked at."""
    queue = Queue(0, Line(), *how)
    queue.line.thread = AtOnce()
    return queue


def some_calls(known: Limits | None = None) -> Calls:
    calls = Calls(ExecutorSettings(status_seconds=0), SimpleNamespace(warning=print), bool)
    calls.known_limits = known or Limits({})
    return calls


class Resources(dict):
    __getattr__ = dict.get


def a_job(number: int = 0, attempt: int = 1, **resources) -> SimpleNamespace:
    needs = {"pack": "first b1", "runtime": 10, "mem_mb": 4000} | resources
    return SimpleNamespace(
        name="train",
        jobid=number,
        is_shell=True,
        is_norun=False,
        is_local=False,
        is_group=lambda: False,
        attempt=attempt,
        threads=1,
        priority=0,
        resources=Resources(needs),
        wildcards={},
        params={"spec": "{}", "code": "1"},
        input={},
        output=[f"results/runs/seed{number}.parquet"],
        log=[],
    )


def an_executor(**attributes) -> SlurmExecutor:
    """An executor that has neither a workflow nor a thread."""
    executor = object.__new__(SlurmExecutor)
    executor.queue, executor.grace, executor.running = a_queue(print), 0, []
    executor.calls, executor.line = some_calls(), executor.queue.line
    executor.calls.call = lambda job, *_: ["sbatch", "--mem", str(job.resources.mem_mb)]
    executor.tested, executor.left_over = False, left_over(Path("nowhere"), executor.queue)
    executor.refused_at = float("-inf")
    executor.last_release = time.monotonic() - 60
    executor.wait, executor.report, executor.aside = True, MagicMock(), MagicMock()
    executor.workflow = MagicMock()
    executor.logger = SimpleNamespace(info=print, warning=print)
    vars(executor).update(attributes)
    return executor


def handed_in(*numbers: int, by: SlurmExecutor | None = None) -> ClusterPack:
    """A pack of the runs with these numbers (default: one run), for which `sbatch` was called."""
    pack = ClusterPack([info(a_job(number)) for number in numbers or [0]], by or an_executor())
    pack.start()
    return pack


def the_next(grace: float = 0, forced: bool = False) -> SlurmExecutor:
    """The executor of a Snakemake that finds what an earlier one has left."""
    executor = an_executor(grace=grace)
    executor.left_over = left_over(SPOOL, executor.queue, grace, forced, executor.aside.settle)
    return executor


def left_over(
    spool: Path, queue: Queue, grace: float = 0, forced: bool = False, put_back=None
) -> LeftOver:
    return LeftOver(
        spool, queue, grace, lambda job: forced, put_back or (lambda files: None), print
    )


def in_queue(
    name: str,
    state: str,
    reason: str = "None",
    node: str = "",
    job: int = 17,
    elapsed="1:00",
    left="59:00",
) -> str:
    """Shell for a stub of `squeue`: a line about a pack, after one that a site may print."""
    line = "|".join([name, str(job), state, reason, node, "main", elapsed, left])
    return f'echo "Welcome to the cluster"; echo "{line}"'


info = released
REFUSED = "sbatch: error: Memory specification can not be satisfied"


def refuse(line: str) -> str:
    return f"echo '{line}' >&2; exit 1"
