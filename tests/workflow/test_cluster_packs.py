"""Packs that are refused, share a job or wait in the queue are settled as they should (stubs)."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
from cluster_stubs import REFUSED, a_job, an_executor, handed_in, in_queue, info, refuse
from snakemake.exceptions import RuleException

from largebatch.training.leases.spool import SPOOL
from snakemake_executor_plugin_lanes import folders, internals
from snakemake_executor_plugin_lanes.cluster.adoption import Found
from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack
from snakemake_executor_plugin_lanes.pack import Pack
from snakemake_executor_plugin_lanes.packs import Packs
from snakemake_executor_plugin_lanes.report import Report


async def nothing_to_prepare(*_) -> None:
    pass


@pytest.fixture
def launching(monkeypatch):
    """An executor as Snakemake calls it; `failed` gets what it says of jobs that failed."""
    failed: list[str] = []
    monkeypatch.setattr(internals, "prepare", nothing_to_prepare)
    return an_executor(
        report=SimpleNamespace(failed=lambda *said: failed.append(said[1]), started=print),
        report_job_error=lambda *_, **__: None,
        failed=failed,
    )


def test_a_pack_that_is_refused_leaves_nothing(stub, launching) -> None:
    stub("sbatch", f"echo asked >> said; {refuse(REFUSED)}")
    assert asyncio.run(launching.start([info(a_job())], lambda: 1)) == []
    (pack,) = launching.running
    launching.queue.look()
    launching._settle(pack)
    assert Path("said").read_text() == "asked\n"
    assert "Memory specification can not be satisfied" in launching.failed[0]
    assert list(SPOOL.iterdir()) == [] and pack.ended


def test_after_a_refusal_no_pack_starts_for_a_while(stub, launching) -> None:
    """An accounting database that is away for a minute must not use up all retries."""
    stub("sbatch", refuse(REFUSED))
    launching.grace = 60
    asyncio.run(launching.start([info(a_job())], lambda: 1))
    launching._settle(launching.running.pop())
    assert launching._room_in_queue(100) == 0
    launching.refused_at -= 60
    assert launching._room_in_queue(100) == 100


def test_what_cannot_be_prepared_fails_alone(stub, launching, monkeypatch) -> None:
    """For example, if a file system is read-only by now; Snakemake raises no WorkflowError."""

    async def protected(*_):
        raise RuleException("Write-protected output files")

    monkeypatch.setattr(internals, "prepare", protected)
    assert asyncio.run(launching.start([info(a_job())], lambda: 1)) == []
    assert "Write-protected output files" in launching.failed[0]


def test_what_waits_is_not_read_again(stub, launching) -> None:
    """Reading all waiting jobs whenever one starts would take 12 million reads for 5,000 jobs."""
    first, second = info(a_job(0, work=2)), info(a_job(1, pack="second b1"))
    second.job.resources = None
    room = lambda: 1 - len(launching.running)  # noqa: E731
    assert asyncio.run(launching.start([second, first], room)) == [second]


def test_jobs_are_released_all_at_once(monkeypatch) -> None:
    """Otherwise a pack might be made of only the first of them."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.chdir("/")
    seen: list[tuple[int, bool]] = []
    lock = MagicMock()
    lock.__exit__ = lambda *_: seen.append((len(executor.active_jobs), executor._is_quiet()))
    executor = an_executor(lock=lock, active_jobs=[], report=MagicMock(), workflow=MagicMock())
    Packs.run_jobs(executor, [a_job(number) for number in range(3)])
    assert seen == [(3, False)]


def test_a_pack_is_made_once_no_more_jobs_are_released(stub, launching) -> None:
    waiting = [info(a_job())]
    launching.last_release += 120
    assert asyncio.run(launching.start_some(waiting)) == waiting
    launching.last_release -= 120
    assert asyncio.run(launching.start_some(waiting)) == [] and len(launching.running) == 1


def test_jobs_that_wait_and_jobs_that_run_stay_active(launching) -> None:
    waits, runs = info(a_job(0)), info(a_job(1))
    runs.external_jobid = "train-1"
    launching.running = [SimpleNamespace(settle=lambda: ([], []), ended=False, unsettled=[runs])]
    launching.report.look = print
    launching.last_release += 120

    async def active() -> list:
        return [one async for one in launching.check_active_jobs([runs, waits])]

    assert asyncio.run(active()) == [waits, runs]


def test_jobs_that_are_not_released_yet_are_counted(stub, monkeypatch) -> None:
    """Not the targets, which do nothing, nor what Snakemake runs itself."""
    monkeypatch.setattr("signal.signal", lambda *_: None)
    kinds = [(False, False), (False, False), (True, False), (False, True)]
    needed = [SimpleNamespace(is_norun=norun, is_local=local) for norun, local in kinds]
    report = Report(0.0, (said := []).append)
    workflow = MagicMock()
    workflow.dag.needrun_jobs = lambda: needed
    executor = an_executor(lock=MagicMock(), active_jobs=[], report=report, workflow=workflow)
    Packs.run_jobs(executor, [a_job()])
    report.look([ClusterPack(executor.active_jobs, executor)], waiting=0)
    assert said[0].startswith("0 of 2 jobs done")


def test_no_pack_is_handed_in_once_snakemake_is_told_to_stop(stub, launching) -> None:
    """Otherwise up to `concurrency` packs might still be submitted, only to be cancelled."""
    launching.wait = False
    assert len(asyncio.run(launching.start([info(a_job())], lambda: 1))) == 1
    assert launching.running == []


def test_runs_that_ended_are_told_and_what_failed_is_told_why(launching) -> None:
    good, bad, told = info(a_job(0)), info(a_job(1)), []
    launching.report.succeeded = launching.report_job_success = told.append
    pack = SimpleNamespace(
        settle=lambda: ([good], [bad]), log=None, name="train-1", how_it_ended=lambda: "ended",
        ended=True, tidy=lambda: told.append("tidied"),
    )  # fmt: skip
    launching._settle(pack)
    assert told == [good.job, good, "tidied"] and launching.failed == ["train-1 ended"]


def test_an_old_result_stays_until_snakemake_has_seen_the_new_one(launching) -> None:
    """A marker is no result: somebody may have removed that."""
    good = info(a_job())
    launching.report.succeeded = launching.report_job_success = lambda _: None
    launching._settle(SimpleNamespace(settle=lambda: ([good], []), ended=False))
    launching.aside.drop.assert_not_called()
    launching.handle_job_success(good.job)
    launching.aside.drop.assert_called_once_with(good.job)


def test_a_run_that_ends_between_two_looks(stub) -> None:
    """Whether the process has ended is asked first, or its last marker would be overlooked."""
    pack = Pack(members := [info(a_job())])
    pack.write()
    pack.over = lambda: not (pack.folder / "0.done").touch()
    assert pack.settle() == (members, [])


@pytest.mark.parametrize("others", [0, 1])
def test_a_result_whose_pack_ended_before_its_marker_stays(stub, others) -> None:
    """Snakemake would remove it as that of a failed job."""
    executor = an_executor()
    pack = handed_in(*range(1 + others), by=executor)
    Path("results/runs").mkdir(parents=True)
    Path("results/runs/seed0.parquet").touch()
    made, *lost = pack.unsettled
    stub("squeue", in_queue(pack.name, "RUNNING", node="n1"))
    executor.queue.look()
    assert pack.settle() == ([], []) and not (pack.folder / "ended").exists()
    stub("squeue", in_queue(pack.name, "NODE_FAIL", node="n1"))
    executor.queue.look()
    assert pack.settle() == ([made], lost)
    pack.tidy()
    assert pack.folder.exists() == bool(lost)


def test_the_folder_of_a_failed_pack_stays_until_its_runs_are_there(stub) -> None:
    """Its log says why it failed: retries do not remove it, nor does a Snakemake that starts."""
    executor = an_executor()

    def train(*made: int, runs: tuple[int, ...]) -> Path:
        pack = handed_in(*runs, by=executor)
        for place, number in enumerate(runs):
            if number in made:
                Path("results/runs").mkdir(parents=True, exist_ok=True)
                Path(f"results/runs/seed{number}.parquet").touch()
                (pack.folder / f"{place}.done").touch()
        stub("squeue", in_queue(pack.name, "FAILED", node="n1"))
        executor.queue.look()
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
    """A pack that SLURM may still have is not touched; one that has finished leaves nothing."""
    pack = handed_in()
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
    before = handed_in(0, 1)
    pack = ClusterPack([info(a_job(number)) for number in asked], an_executor())
    pack.adopt(Found(before.folder, "17", dict(zip(asked, pack.unsettled, strict=True))))
    for number in asked:
        (before.folder / f"{number}.done").touch()
    succeeded, failed = pack.settle()
    assert (len(succeeded), failed, pack.ended) == (len(asked), [], True)
    pack.tidy()
    assert before.folder.exists() == kept


def test_no_more_than_concurrency_at_a_time(stub) -> None:
    executor = an_executor()
    for number in range(3):
        executor.running.append(handed_in(number, by=executor))
    assert executor._room_in_queue(4) == 1 and executor._room_in_queue(3) == 0


@pytest.mark.parametrize("refused", [False, True])
def test_what_would_wait_for_ever_is_cancelled_and_names_the_key(stub, refused, capsys) -> None:
    stub("scancel", f'echo "$@" > cancelled; {refuse("not yours") if refused else ""}')
    executor = an_executor()
    pack = handed_in(by=executor)
    stub("squeue", in_queue(pack.name, "PENDING", "PartitionTimeLimit"))
    executor.queue.look()
    _, failed = pack.settle()
    assert len(failed) == 1 and Path("cancelled").read_text() == "17\n"
    assert "ever (PartitionTimeLimit); config/cluster.yaml: change walltime" in pack.how_it_ended()
    assert ("in SLURM's queue (not yours): scancel them" in capsys.readouterr().out) == refused
