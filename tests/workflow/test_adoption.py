"""Packs that an earlier Snakemake left in the queue are taken over, or cleared away (stubs)."""

from pathlib import Path

import pytest
from cluster_stubs import a_job, an_executor, handed_in, in_queue, info, refuse, the_next

from snakemake_executor_plugin_lanes.cluster.pack import ClusterPack


@pytest.mark.parametrize("noted", [True, False])
def test_what_is_in_the_queue_is_adopted(stub, noted) -> None:
    """However late the first jobs are released (trial calls, many jobs).

    Also if Snakemake was killed before it could note the job's id.
    """
    before = handed_in()
    if not noted:
        (before.folder / "job").unlink()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again = the_next()
    again.last_release += 120  # perhaps more jobs follow
    assert again._adopt([info(a_job())]) is None
    again.last_release -= 120
    assert again._adopt([]) == []
    assert again._adopt([info(a_job())]) == []
    (pack,) = again.running
    assert (pack.job, pack.name) == ("17", before.name)
    assert not (pack.folder / "ended").exists()
    again.report.adopted.assert_called_once_with(pack)  # for the time that is left
    again.aside.watch.assert_called_once_with(pack.lead)  # it has set aside what was there
    again.aside.settle.assert_not_called()


@pytest.mark.parametrize(("result", "forced", "adopted"), [(1, 0, 1), (1, 1, 0), (0, 0, 0)])
def test_a_run_that_ended_meanwhile_is_made_again_only_if_asked(
    stub, result, forced, adopted
) -> None:
    """If its marker and its result are there, the result is kept, unless the run is forced."""
    before = handed_in()
    (before.folder / "0.done").touch()
    if result:
        Path("results/runs").mkdir(parents=True)
        Path("results/runs/seed0.parquet").touch()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again = the_next(forced=bool(forced))
    assert len(again._adopt([info(a_job())])) == 1 - adopted
    assert len(again.running) == adopted


@pytest.mark.parametrize("state", ["RUNNING", "COMPLETING"])
def test_what_trains_with_other_settings_gives_its_runs_back_first(stub, state) -> None:
    """Until it has ended, it holds their leases, and every try of the new pack would fail."""
    stub("scancel", 'echo "$@" >> cancelled')
    before = handed_in(0, 1)
    stub("squeue", in_queue(before.name, state, node="n1"))
    again = the_next(grace=60)
    waiting = [info(a_job(1))]
    if state == "RUNNING":
        waiting[0].job.params["code"] = "2"
    for _ in range(2):
        assert again._adopt(waiting) is None and again.left_over.packs
    assert Path("cancelled").exists() == (state == "RUNNING")
    stub("squeue", in_queue(before.name, "CANCELLED", node="n1"))
    assert again._adopt(waiting) == waiting
    assert not again.left_over.packs and not again.running and the_next().left_over.packs == {}


def test_what_cannot_be_cancelled_now_is_waited_for(stub, capsys) -> None:
    """The controller went away between two calls, so the job goes on and holds its leases."""
    stub("scancel", refuse("scancel: error: Unable to contact slurm controller"))
    before = handed_in()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again, waiting = the_next(), [info(a_job())]
    waiting[0].job.params["code"] = "2"
    for _ in range(2):
        assert again._adopt(waiting) is None and again.left_over.packs
    said = "SLURM jobs 17, which have other settings, go on (Unable to contact slurm controller)"
    assert capsys.readouterr().out.count(said) == 1
    stub("scancel", "exit 0")
    assert again._adopt(waiting) == waiting and not again.left_over.packs


def test_a_job_of_others_is_left_alone(stub) -> None:
    """For example, a job of another study, from a Snakemake that was called with --nolock."""
    stub("scancel", "touch cancelled")
    before = handed_in(0)
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again = the_next(grace=60)
    assert len(again._adopt([info(a_job(1))])) == 1
    assert not Path("cancelled").exists()


def test_a_job_that_is_done_with_a_run_is_not_in_its_way(stub) -> None:
    """It goes on with its other runs, while this one is trained again with other settings."""
    stub("scancel", "touch cancelled")
    before = handed_in(0, 1)
    (before.folder / "0.done").touch()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again, waiting = the_next(grace=60), [info(a_job(0))]
    waiting[0].job.params["code"] = "2"
    assert again._adopt(waiting) == waiting and not again.running
    assert not Path("cancelled").exists()


def test_jobs_that_are_released_one_by_one_find_their_pack(stub) -> None:
    """By `--jobs 1`, or since their data are prepared first; the pack may have ended since."""
    before = handed_in(0, 1, 2)
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again = the_next()
    assert again._adopt([info(a_job(9))]) is not None
    assert again._adopt([info(a_job(0))]) == [] and len(again.running) == 1
    (before.folder / "1.done").touch()
    Path("results/runs").mkdir(parents=True)
    Path("results/runs/seed1.parquet").touch()
    stub("squeue", in_queue(before.name, "FAILED", node="n1"))
    assert again._adopt([info(a_job(1))]) == []
    lost = [info(a_job(2))]
    assert again._adopt(lost) == lost and not again.left_over.packs


def test_a_run_of_several_files_is_adopted(stub) -> None:
    job = a_job()
    job.output = ["a", "b"]
    before = ClusterPack([info(job)], an_executor())
    before.start()
    stub("squeue", in_queue(before.name, "RUNNING", node="n1"))
    again = the_next()
    assert again._adopt([info(job)]) == []


def test_what_never_came_to_slurm_is_handed_in(stub) -> None:
    """Snakemake was killed before it could submit the pack."""
    stub("sbatch", "kill -9 $$")
    handed_in()
    again = the_next()
    waiting = [info(a_job())]
    assert again._adopt(waiting) == waiting
    assert again.running == [] and again.left_over.packs == {}
    again.aside.settle.assert_called_once_with(waiting[0].job.output)  # what was set aside for it
    assert the_next().left_over.packs == {}  # and SLURM is not asked about it again
