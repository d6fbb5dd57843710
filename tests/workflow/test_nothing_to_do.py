"""Before there is a job, the executor's thread looks at nothing, as Python may end meanwhile."""

import asyncio

import pytest
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

from snakemake_executor_plugin_lanes.packs import Packs


async def found(executor) -> None:
    """Stands in for `RemoteExecutor`'s loop, which would begin at once."""
    executor.found = list(executor.active_jobs)


class Executor(Packs):
    def __init__(self):
        self.active_jobs, self.wait, self.found = [], True, None


@pytest.fixture(autouse=True)
def no_loop(monkeypatch) -> None:
    monkeypatch.setattr(RemoteExecutor, "_wait_for_jobs", found)


async def look(executor: Executor) -> tuple[list | None, list | None]:
    """What the executor found before there was a job, and what it found afterwards."""
    looking = asyncio.create_task(executor._wait_for_jobs())
    await asyncio.sleep(3 * executor.poll_seconds)
    before = executor.found
    executor.active_jobs.append("job")
    await asyncio.wait_for(looking, 60)
    return before, executor.found


def test_it_looks_once_there_is_a_job():
    assert asyncio.run(look(Executor())) == (None, ["job"])


def test_it_ends_where_snakemake_is_told_to_stop():
    executor = Executor()
    executor.wait = False
    asyncio.run(asyncio.wait_for(executor._wait_for_jobs(), 60))
