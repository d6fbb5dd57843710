"""How many runs share a process: by model on a CPU, by model and batch on a GPU, or as set."""

import pytest
from gpu_table import ROWS, kind_and_batch

from largebatch.study import load_study
from largebatch.study.kinds.table import KINDS
from largebatch.study.lanes import lanes

PAPER = load_study("paper")
TASKS = {task.model["kind"]: task for task in PAPER.tasks.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_configs_number_wins_on_every_device(kind):
    assert lanes(3, TASKS[kind], 32, "cuda") == lanes(3, TASKS[kind], 32, "cpu") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_larger_batches_share_a_gpu_with_fewer(kind):
    counts = [lanes("auto", TASKS[kind], 2**k, "cuda") for k in range(12)]
    assert counts == sorted(counts, reverse=True)
    assert {count for _, count in KINDS[kind].gpu_lanes} == set(counts)


@pytest.mark.parametrize("workload", sorted({row["workload"] for row in ROWS}))
def test_a_gpus_packs_are_the_fastest_that_were_measured(workload):
    fastest = min((r for r in ROWS if r["workload"] == workload), key=lambda r: r["s an epoch"])
    kind, batch = kind_and_batch(workload)
    assert lanes("auto", TASKS[kind], batch, "cuda") == fastest["lanes"]


@pytest.mark.parametrize("row", [r for r in ROWS if r["contender"] in ("alone", "packed")], ids=str)
def test_first_walltimes_are_of_what_was_measured(row):
    """The walltime that is asked for is twice the estimate (`MARGIN`)."""
    kind, batch = kind_and_batch(row["workload"])
    whatever, lane, example = KINDS[kind].gpu_step[row["precision"]]
    estimated = whatever / row["lanes"] + lane + batch * example
    assert 0.75 < estimated / row["us a run-step"] < 2


def test_jpeg_study_is_figure_2s_grid_with_one_seed():
    study = load_study("cifar10-jpeg")
    grid = {(run.batch, run.optimizer, run.lr) for run in study.runs}
    assert grid == {(r.batch, r.optimizer, r.lr) for r in PAPER.runs_of("fig2")}
    assert len(study.runs) == len(grid) and not study.faithful and "JPEG" in study.notice
