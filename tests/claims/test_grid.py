"""From run files to scores: diverged runs are the worst there is, and never left out."""

from dataclasses import replace

import numpy as np
import pytest

from claims.synthetic import LEVEL, World, write_run, write_runs
from largebatch.analysis.claims.bench import Bench
from largebatch.analysis.claims.evidence import NotRun
from largebatch.analysis.claims.grid import Grid, build_grid
from largebatch.analysis.claims.ledger import Ledger
from largebatch.analysis.histories import History
from largebatch.errors import UserError
from largebatch.records import read_with_record, write_table
from largebatch.study import Sweep, load_study
from largebatch.training.history import Row, to_table


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


def history(
    *accuracies: float, start: float = 0.1, diverged: bool = False, updates: int = 7
) -> History:
    """Of a run with these test accuracies after epochs 1, 2, ..., and so many updates in each."""
    columns = enumerate((start, *accuracies))
    rows = [Row(k, updates * k, 1.0, 1.0 if k else None, 1.0, None, a, 1.0) for k, a in columns]
    return History(diverged, to_table(rows), {"name": "a run"})


def grid_of(runs: dict[tuple[str, float, int], History], **changes) -> Grid:
    """Of runs by optimizer, rate and seed, with the error rate as score, over three epochs."""
    names, lrs, seeds = (tuple(dict.fromkeys(part)) for part in zip(*runs, strict=True))
    sweep = replace(Sweep("a", "t", 8, names, lrs, seeds, enabled=True), **changes)

    def read(run) -> History:
        return runs[run.optimizer, run.lr, run.seed]

    ledger = Ledger(0.05, 2000, {"accuracy": 0.01}, 0.25, 0.1, [])
    return build_grid("a", sweep, "s", "test_accuracy", 3, read, ledger)


def test_the_order_in_which_a_study_lists_rates_and_seeds_does_not_matter():
    numbers = np.random.default_rng(0).uniform(0.2, 0.9, (2, 3, 2, 3))
    places = [("sgd", "momentum-0.9"), (0.5, 1.0, 2.0), (0, 1)]
    runs = {
        (name, lr, seed): history(*numbers[i, j, k])
        for i, name in enumerate(places[0])
        for j, lr in enumerate(places[1])
        for k, seed in enumerate(places[2])
    }
    for changes in ({}, {"effective_lrs": (2.0, 0.5, 1.0), "seeds": (1, 0)}):
        grid = grid_of(runs, **changes)
        assert (grid.lrs.tolist(), grid.seeds) == ([0.5, 1.0, 2.0], (0, 1))
        assert np.allclose(grid.curves, 1 - numbers)


def test_a_run_that_diverges_in_its_last_epoch_counts_as_untrained_from_there_on():
    """Even if the loss that is not finite leaves it an accuracy."""
    runs = {("sgd", 1.0, 0): history(0.5, 0.9, 0.8, diverged=True)}
    grid = grid_of(runs | {("sgd", 1.0, 1): history(0.5, 0.9, 0.8)})
    assert np.allclose(grid.curves[0, 0], [[0.5, 0.1, 0.9], [0.5, 0.1, 0.2]])


def test_an_untrained_network_is_as_good_as_one_is_on_average():
    grid = grid_of({("sgd", 1.0, s): history(0.9, start=a) for s, a in enumerate([0.1, 0.2])})
    assert grid.level == pytest.approx(0.85)


def test_an_epoch_has_its_updates_whichever_runs_fail_before_its_end():
    whole, at_once = history(0.5, 0.5, 0.5), history(diverged=True)
    early, late = (history(0.5, updates=count, diverged=True) for count in (3, 7))
    for runs in ((at_once, whole), (whole, at_once), (early, late)):
        grid = grid_of({("sgd", 1.0, seed): run for seed, run in enumerate(runs)})
        assert grid.updates.tolist() == [7, 14, 21]
        for run, curve in zip(runs, grid.curves[0, 0], strict=True):
            assert np.allclose(curve, grid.level) == run.diverged


def test_who_is_better_than_untrained_by_a_tolerance_alone_learns_nothing():
    reached = {1.0: 0.1, 2.0: 0.109, 4.0: 0.111}
    grid = grid_of({("sgd", lr, 0): history(a, a, a) for lr, a in reached.items()})
    assert grid.learns("sgd").tolist() == [False, False, True]


def test_what_is_known_of_a_difference_is_a_share_of_its_tolerance(bench):
    accuracy, loss = bench.grid("fig1", "test"), bench.grid("fig6", "train")
    assert accuracy.tolerance == bench.ledger.tolerances["accuracy"]
    assert loss.tolerance == np.log1p(bench.ledger.tolerances["train_loss"])
    for grid in (accuracy, loss):
        assert grid.resolution == bench.ledger.resolution * grid.tolerance


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
