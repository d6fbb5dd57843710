"""The table of a figure against numbers worked out by hand and by the standard library."""

import statistics
from collections import defaultdict
from math import exp, inf, nan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_study import of_point, row, rows, study_of, sweep_of

from largebatch.analysis.tables import build_table, write_figure_table
from largebatch.records import read_artefact, table_digest


def test_columns_and_types_are_the_contract(study, files):
    assert [(f.name, str(f.type)) for f in build_table(study, "fig1", files.root).schema] == [
        ("panel", "string"),
        ("metric", "string"),
        ("optimizer", "string"),
        ("momentum", "double"),
        ("batch", "int64"),
        ("effective_lr", "double"),
        ("epoch", "int32"),
        ("mean", "double"),
        ("std", "double"),
        ("n", "int32"),
        ("diverged", "int32"),
    ]


def test_a_sweep_has_one_row_a_metric_optimizer_and_rate(study, files):
    found = rows(build_table(study, "fig1", files.root), panel="sweep")
    assert [(r["metric"], r["optimizer"], r["effective_lr"]) for r in found] == [
        (metric, optimizer, lr)
        for metric in ("test_loss", "test_accuracy")
        for optimizer in ("sgd", "momentum-0.9")
        for lr in (0.5, 1.0, 2.0)
    ]
    assert {r["epoch"] for r in found} == {None}
    assert {(r["optimizer"], r["momentum"]) for r in found} == {("sgd", 0), ("momentum-0.9", 0.9)}


def test_mean_and_sample_deviation_of_the_last_epoch(study, files):
    found = row(
        build_table(study, "fig1", files.root),
        panel="sweep", metric="test_loss", optimizer="sgd", effective_lr=0.5,
    )  # fmt: skip
    assert (found["mean"], found["std"], found["n"], found["diverged"]) == (2.0, 1.0, 3, 0)


def test_a_diverged_run_is_counted_and_nowhere_averaged(study, files):
    first, second, _ = of_point(study, "sgd", 0.5)
    files.final(first, loss=5e30, status="diverged")
    which = {"panel": "sweep", "metric": "test_loss", "optimizer": "sgd", "effective_lr": 0.5}
    found = row(build_table(study, "fig1", files.root), **which)
    assert (found["mean"], found["n"], found["diverged"]) == (2.5, 2, 1)
    files.final(second, loss=5e30, status="diverged")
    found = row(build_table(study, "fig1", files.root), **which)
    assert (found["mean"], found["std"], found["n"], found["diverged"]) == (3.0, None, 1, 2)


def test_where_all_diverged_nothing_is_imputed(study, files):
    for run in of_point(study, "sgd", 2.0):
        files.write(run, "diverged", test_loss=[9.0, nan], test_accuracy=[0.1, 0.1])
    for found in rows(build_table(study, "fig1", files.root), optimizer="sgd", effective_lr=2.0):
        assert (found["mean"], found["std"], found["n"], found["diverged"]) == (None, None, 0, 3)


def test_a_metric_that_is_not_finite_counts_as_diverged_for_that_metric(study, files):
    files.final(of_point(study, "sgd", 0.5)[2], loss=inf)
    table = build_table(study, "fig1", files.root)
    which = {"panel": "sweep", "optimizer": "sgd", "effective_lr": 0.5}
    loss, accuracy = (row(table, metric=m, **which) for m in ("test_loss", "test_accuracy"))
    assert (loss["mean"], loss["n"], loss["diverged"]) == (1.5, 2, 1)
    assert (accuracy["n"], accuracy["diverged"]) == (3, 0)


def test_absurd_but_finite_losses_stay(study, files):
    files.final(of_point(study, "sgd", 0.5)[2], loss=1e200)
    table = build_table(study, "fig1", files.root)
    found = row(table, panel="sweep", metric="test_loss", optimizer="sgd", effective_lr=0.5)
    assert (found["mean"], found["n"]) == (pytest.approx(1e200 / 3), 3)


def test_perplexity_is_the_mean_of_exponentials(files):
    study = study_of(sweep_of(effective_lrs=(1.0,)), metrics=("test_perplexity",))
    for run in study.runs_of("fig1"):
        files.final(run, loss=float(run.seed))
    found = row(build_table(study, "fig1", files.root), panel="sweep", optimizer="sgd")
    assert found["mean"] == pytest.approx((1 + exp(1) + exp(2)) / 3, rel=1e-15)
    assert found["mean"] != pytest.approx(exp(1), rel=0.1)


def test_a_perplexity_that_overflows_counts_as_diverged(files):
    study = study_of(sweep_of(effective_lrs=(1.0,)), metrics=("test_perplexity",))
    for run in study.runs_of("fig1"):
        files.final(run, loss=1000.0 if run.seed == 0 else 0.0)
    found = row(build_table(study, "fig1", files.root), panel="sweep", optimizer="sgd")
    assert (found["mean"], found["n"], found["diverged"]) == (1.0, 2, 1)


def test_curves_stand_at_the_optimum_for_every_optimizer(study, files):
    for run in of_point(study, "momentum-0.9", 1.0):
        files.final(run, loss=7.0, accuracy=0.9)
    curves = rows(build_table(study, "fig1", files.root), panel="curves")
    assert {r["effective_lr"] for r in curves} == {1.0}  # by accuracy, the last metric
    assert [(r["metric"], r["optimizer"], r["epoch"]) for r in curves] == [
        (metric, optimizer, epoch)
        for metric in ("test_loss", "test_accuracy")
        for optimizer in ("sgd", "momentum-0.9")
        for epoch in (0, 1, 2)
    ]
    at_end = [r["mean"] for r in curves if r["epoch"] == 2]
    assert at_end == pytest.approx([2.0, 7.0, 0.5, 0.9])


def test_curves_have_no_row_where_nothing_was_measured(files):
    study = study_of(sweep_of(effective_lrs=(1.0,)), metrics=("train_loss", "test_loss"))
    for run in study.runs_of("fig1"):
        files.write(run, train_loss=[None, 2.0, 1.0], test_loss=[3.0, 2.0, 1.0])
    table = build_table(study, "fig1", files.root)
    epochs = defaultdict(list)
    for found in rows(table, panel="curves", optimizer="sgd"):
        epochs[found["metric"]].append(found["epoch"])
    assert epochs == {"train_loss": [1, 2], "test_loss": [0, 1, 2]}


def test_a_curve_is_over_the_same_seeds_from_start_to_end(study, files):
    for run in of_point(study, "momentum-0.9", 1.0):
        files.final(run, loss=1.0, accuracy=0.9)
    files.write(
        of_point(study, "sgd", 1.0)[0], "diverged", test_loss=[9, nan], test_accuracy=[0, 0]
    )
    table = build_table(study, "fig1", files.root)
    curve = rows(table, panel="curves", metric="test_loss", optimizer="sgd")
    assert [(r["epoch"], r["n"], r["diverged"]) for r in curve] == [(0, 2, 1), (1, 2, 1), (2, 2, 1)]


def test_no_curves_where_every_rate_has_a_divergence(study, files):
    for run in study.runs_of("fig1"):
        if run.seed == 0:
            files.final(run, loss=1.0, status="diverged")
    assert rows(build_table(study, "fig1", files.root), panel="curves") == []


def test_momenta_have_no_curves_and_their_rows_tell_the_batch(files):
    study = study_of(sweep_of("a", 8), sweep_of("b", 64), kind="momenta")
    for run in study.runs_of("fig1"):
        files.final(run, loss=float(run.batch))
    table = build_table(study, "fig1", files.root)
    assert set(table["panel"].to_pylist()) == {"sweep"}
    for batch in (8, 64):
        found = rows(table, batch=batch, metric="test_loss")
        assert [r["mean"] for r in found] == [batch] * 6


def test_the_written_table_names_every_run_by_its_digests(study, files):
    artefact = read_artefact(write_figure_table(study, "fig1", files.root))
    assert artefact.table_digest == table_digest(build_table(study, "fig1", files.root))
    assert artefact.record["name"] == "results/small/tables/fig1.parquet"
    assert artefact.record["settings"] == study.figure_settings("fig1")
    assert artefact.record["facts"]["runs"] == {"present": 18, "planned": 18}
    assert artefact.record["inputs"] == [
        read_artefact(files.root / run.path).as_input for run in study.runs_of("fig1")
    ]


OUTCOMES = st.one_of(st.none(), st.just(inf), st.floats(1e-3, 1e3))  # None: diverged


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(losses=st.lists(OUTCOMES, min_size=12, max_size=12))
def test_any_outcome_equals_the_standard_library(files, losses):
    study = study_of(sweep_of(effective_lrs=(1.0, 2.0)), kind="momenta", metrics=("test_loss",))
    expected = defaultdict(list)
    for run, loss in zip(study.runs_of("fig1"), losses, strict=True):
        status = "diverged" if loss is None else "finished"
        files.final(run, loss=1.0 if loss is None else loss, status=status)
        expected[run.optimizer, run.lr] += [loss] if loss not in (None, inf) else []
    for found in build_table(study, "fig1", files.root).to_pylist():
        finite = expected[found["optimizer"], found["effective_lr"]]
        assert (found["n"], found["diverged"]) == (len(finite), 3 - len(finite))
        assert found["mean"] == (pytest.approx(statistics.fmean(finite)) if finite else None)
        spread = statistics.stdev(finite) if len(finite) > 1 else None
        assert found["std"] == (spread if spread is None else pytest.approx(spread, abs=1e-12))
