"""From run files to scores: diverged runs are the worst there is, and never left out."""

import numpy as np
import pytest

from claims.synthetic import LEVEL, World, write_run, write_runs
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.runs import NotRun
from largebatch.errors import UserError
from largebatch.records import read_with_record, write_table
from largebatch.study import load_study


@pytest.fixture
def bench(demo, root):
    return Bench(demo, root)


def test_shapes_and_order(bench, demo):
    grid = bench.grid("fig1", "test")
    sweep = demo.sweeps[demo.figures["fig1"].sweeps[0]]
    epochs = np.arange(1.0, demo.tasks[sweep.task].epochs + 1)
    assert grid.curves.shape == (2, len(sweep.effective_lrs), len(sweep.seeds), len(epochs))
    assert grid.metric == "test_accuracy" and grid.batch == sweep.batch
    assert grid.lrs.tolist() == sorted(sweep.effective_lrs)
    assert np.array_equal(grid.updates, (60_000 // sweep.batch) * epochs)
    assert np.array_equal(grid.seconds[0, 0, 0], epochs)


def test_a_grid_has_the_name_by_which_it_was_asked_for(bench, demo):
    (sweep,) = demo.figures["fig1"].sweeps
    names = ["fig1", sweep, "fig1"]
    assert [bench.grid(name, "test").name for name in names] == names
    assert bench.grid("fig1", "test") is bench.grid("fig1", "test")


@pytest.mark.parametrize(
    ("figure", "split", "level"),
    [
        ("fig1", "train", np.log(LEVEL["wrn"])),
        ("fig1", "test", 0.9),
        ("fig6", "test", np.log(LEVEL["autoencoder"])),
        ("fig8", "train", LEVEL["lstm"]),  # log perplexity
    ],
)
def test_a_diverged_run_counts_as_an_untrained_network(bench, figure, split, level):
    grid = bench.grid(figure, split)
    world = World(optimum=-7, edge={"sgd": 3, "momentum": 5})
    x = np.log2(grid.lrs) + 7 - np.log2(grid.batch)
    assert grid.level == pytest.approx(level)
    assert np.isfinite(grid.curves).all() and (grid.curves <= grid.level).all()
    for optimizer, edge in (("sgd", "sgd"), ("momentum-0.9", "momentum")):
        diverged = x > world.edge[edge]
        final = grid.final(optimizer)
        assert (final[diverged] == grid.level).all() and (final[~diverged] < grid.level).all()


def test_a_finite_run_that_is_worse_than_at_the_start_is_no_worse_than_that(root):
    study = load_study("demo", root)
    write_runs(study, root, World(optimum=-7, sgd_cost=40.0, threshold=0.0))
    grid = Bench(study, root).grid("fig6", "train")
    assert grid.curves[..., -1].max() == grid.level


def test_what_is_not_there_is_not_run(bench, root):
    with pytest.raises(NotRun, match="fig7 of the study demo has no row 2"):
        bench.sweeps("fig7/2")
    with pytest.raises(NotRun, match="has no nesterov-cifar10-b32"):
        bench.sweeps("nesterov-cifar10-b32")
    with pytest.raises(NotRun, match=r"fig1 has no momentum-0\.99"):
        bench.grid("fig1", "test").index("momentum-0.99")
    paper = Bench(load_study("paper", root), root)
    with pytest.raises(NotRun, match=r"is off; switch it on with `--config enable='\[nesterov\]'`"):
        paper.sweeps("nesterov-cifar10-b32")


def test_a_figure_of_two_rows_is_named_by_row(bench):
    assert [grid.name for grid in bench.grids("fig3", "test")] == ["fig3/1", "fig3/2"]
    large = bench.study.sweeps[bench.study.figures["fig3"].sweeps[1]]
    assert bench.grid("fig3/2", "test").batch == large.batch
    with pytest.raises(UserError, match=r"fig3 is several sweeps; name one: fig3/1 or fig3/2"):
        bench.grid("fig3", "test")
    with pytest.raises(UserError, match=r"fig3 is several sweeps; name one: fig3/1 or fig3/2"):
        bench.curvatures("fig3")


def test_a_run_with_missing_epochs_is_refused(demo, root):
    run = demo.runs_of("fig1")[0]
    write_run(demo, root, run, World())
    table, record = read_with_record(root / run.path, run.path)
    write_table(root / run.path, table.slice(0, table.num_rows - 1), record)
    epochs = demo.tasks[run.task].epochs
    with pytest.raises(UserError, match=f"one row for each of the epochs 0 to {epochs}"):
        Bench(demo, root).grid("fig1", "test")
