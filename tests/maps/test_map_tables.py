"""The tables of the maps, of runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from known_runs import stored, task

from largebatch.analysis.maps.gap import gap_table
from largebatch.analysis.maps.heat import heat_table
from largebatch.analysis.maps.planned import maps_settings, stored_runs, task_metrics
from largebatch.analysis.maps.reach import common_target, reach_table
from largebatch.analysis.maps.task_runs import Point, read_task_runs
from largebatch.figures.plates.maps import map_tables
from largebatch.records import write_table
from largebatch.study import load_study
from largebatch.training.history import Row, to_table


def test_gap_is_between_the_optima_that_no_seed_diverges_at(known):
    rows = {(r["metric"], r["batch"]): r for r in gap_table([known]).to_pylist()}
    assert rows["train_loss", 1]["mean"] == 0 and rows["train_loss", 10]["mean"] == 4
    assert rows["test_loss", 10]["mean"] == 4 and rows["test_loss", 10]["std"] == 0
    assert (rows["train_loss", 10]["sgd_lr"], rows["train_loss", 10]["momentum_lr"]) == (0.1, 1.0)


def test_gap_pairs_seeds(known):
    """A seed that only one of the two has counts for neither."""
    del known.points[10, "momentum-0.9", 1.0][1]
    row = next(r for r in gap_table([known]).to_pylist() if r["batch"] == 10)
    assert row["n"] == 1 and row["std"] is None and row["mean"] == 4
    del known.points[10, "sgd", 0.1][0]
    assert {r["batch"] for r in gap_table([known]).to_pylist()} == {1}


def test_target_is_what_every_batch_reaches_with_all_seeds(known):
    assert common_target(known) == 3
    rows = {(r["batch"], r["optimizer"], r["unit"]): r for r in reach_table([known]).to_pylist()}
    assert rows[1, "sgd", "updates"]["mean"] == 200
    assert rows[10, "momentum-0.9", "updates"]["mean"] == 10
    assert rows[10, "momentum-0.9", "seconds"]["mean"] == 0.5
    assert (10, "sgd", "updates") not in rows  # never there, or diverged


def test_no_target_where_a_batch_always_diverges(known):
    for seeds in (v for k, v in known.points.items() if k[0] == 10):
        for seed, run in seeds.items():
            seeds[seed] = replace(run, diverged=True)
    assert common_target(known) == np.inf and reach_table([known]).num_rows == 0


def test_heat_counts_divergences_and_scales_the_optimum_with_the_batch(known):
    rows = heat_table([known], []).to_pylist()
    one = next(r for r in rows if (r["batch"], r["optimizer"], r["effective_lr"]) == (10, "sgd", 1))
    assert (one["mean"], one["n"], one["diverged"]) == (1, 1, 1)
    line = {r["batch"]: r["effective_lr"] for r in rows if r["quantity"] == "temperature"}
    assert line == {1: 0.1, 10: pytest.approx(1.0)}


def test_heat_takes_measured_limits_over(known):
    limit = {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "sgd", "value": 7.0}
    rows = heat_table([known], [pa.Table.from_pylist([limit])]).to_pylist()
    assert [r["effective_lr"] for r in rows if r["quantity"] == "limit"] == [7.0]


def test_a_sweep_that_two_figures_show_has_one_limit(known):
    limits = [
        {"quantity": "limit", "task": "t", "batch": 1, "optimizer": "sgd", "value": value}
        for value in (7.0, 8.0)
    ]
    rows = heat_table([known], [pa.Table.from_pylist([limit]) for limit in limits]).to_pylist()
    assert [r["effective_lr"] for r in rows if r["quantity"] == "limit"] == [7.0]


def test_stored_runs_are_read_with_their_times(tmp_path):
    study = load_study("demo")
    run = study.runs_of("fig7")[0]
    table = pa.table(
        {
            "epoch": pa.array(range(13), pa.int32()),
            "step": [22 * epoch for epoch in range(13)],
            "train_loss": [None, *[3.0] * 11, 2.0],
            "test_loss": [9.0, *[3.5] * 11, 2.5],
            "seconds": [0.1, *[2.0] * 12],
        }
    )
    record = {"name": run.path, "status": "finished", "settings": study.spec(run)}
    write_table(tmp_path / run.path, table, record)
    stored = stored_runs(study, tmp_path)
    (found,), inputs = read_task_runs(study, stored, tmp_path)
    kept = found.points[run.batch, run.optimizer, run.lr][run.seed]
    assert kept.elapsed.tolist() == list(range(0, 25, 2)) and kept.final("train_loss") == 2
    assert [source["name"] for source in inputs] == [run.path]
    planned = len({run for figure in study.figures for run in study.runs_of(figure)})
    assert maps_settings(study, stored)["runs"] == {"present": 1, "planned": planned}


def test_the_metrics_are_the_model_s_whatever_a_figure_shows():
    """The lowest accuracy would be no target, and one metric twice no pair."""
    study = load_study("demo")
    changed = {
        name: replace(figure, metrics=("train_accuracy",)) for name, figure in study.figures.items()
    }
    expected = task_metrics(study)
    assert expected["wrn-10-1_digits"] == ("train_loss", "test_accuracy")
    assert task_metrics(replace(study, figures=changed)) == expected


def test_the_fastest_rate_is_that_on_average_and_of_equal_ones_the_smaller():
    soon_or_late, steady = ([1, 1, 1, 1, 1], [9, 9, 9, 9, 1]), ([9, 9, 9, 1, 1], [9, 9, 9, 1, 1])
    rates = {0.4: steady, 0.2: soon_or_late, 0.1: ([9, 9, 9, 9, 1], [1, 1, 1, 1, 1])}
    runs = [stored(1, "sgd", lr, seed, losses) for lr, both in rates.items()
            for seed, losses in enumerate(both)]  # fmt: skip
    steps, seconds = reach_table([task(*runs)]).to_pylist()
    assert steps["effective_lr"] == seconds["effective_lr"] == 0.1
    assert steps["mean"] == (100 + 500) / 2


def test_batches_ascend_in_whichever_order_runs_are_stored():
    runs = task(*(stored(batch, "sgd", 0.1, 0, [1]) for batch in (10, 1)))
    points = {Point(batch, "sgd", 0.1): {} for batch in (64, 8)}
    assert replace(runs, points=points).batches == [8, 64]
    line = [r for r in heat_table([runs], []).to_pylist() if r["quantity"] == "temperature"]
    assert [(r["batch"], r["effective_lr"]) for r in line] == [(1, 0.1), (10, pytest.approx(1.0))]


def test_heat_takes_measured_onsets_over_too_and_nothing_else(known):
    row = {"quantity": "onset", "task": "t", "batch": 1, "optimizer": "sgd", "value": 3.0}
    rows = heat_table([known], [pa.Table.from_pylist([row, row | {"quantity": "h_max"}])])
    assert [r["effective_lr"] for r in rows.to_pylist() if r["quantity"] == "onset"] == [3.0]
    assert "h_max" not in rows["quantity"].to_pylist()


def test_runs_that_no_figure_shows_do_not_finish_the_maps():
    study = load_study("demo")
    off = next(sweep for sweep in study.sweeps.values() if not sweep.enabled)
    shown, more = study.runs_of("fig7")[0], off.runs("demo")[0]
    found = maps_settings(study, {shown.task: [shown], off.task: [more]})
    assert found["runs"]["present"] == 1


def test_measured_limits_are_on_the_map_and_among_what_it_is_made_from(tmp_path):
    study = load_study("demo")
    run = study.runs_of("fig7")[0]
    limit = {"quantity": "limit", "task": run.task, "batch": run.batch, "optimizer": "sgd"}
    table = pa.Table.from_pylist([limit | {"value": 7.0}])
    name = "results/demo/measured/fig7.parquet"
    settings = study.figure_settings("fig7")
    write_table(tmp_path / name, table, {"name": name, "settings": settings})
    rows = [Row(e, 22 * e, 0.1, 3.0 if e else None, 3.0, None, None, 1.0) for e in range(13)]
    record = {"name": run.path, "status": "finished", "settings": study.spec(run)}
    write_table(tmp_path / run.path, to_table(rows), record)
    tables, inputs = map_tables(study, stored_runs(study, tmp_path), tmp_path)
    limits = tables["heat"].filter(pc.field("quantity") == "limit")
    assert limits["effective_lr"].to_pylist() == [7.0]
    assert [source["name"] for source in inputs] == [run.path, name]
