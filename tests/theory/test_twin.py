"""The twin's tables: the columns of a figure table, the paper's figures in seconds."""

import pyarrow.compute as pc
import pytest

from largebatch.analysis.theory import twin

CONSTANT = {"kind": "constant"}
DECAYING = {"kind": "geometric", "constant": 20, "factor": 0.8, "every": 1, "first_drop": "at_once"}
HALVING = DECAYING | {"constant": 100, "factor": 0.5, "every": 10}


def _powers(low, high, unit=1.0):
    return [unit * 2.0**k for k in range(low, high + 1)]


def settings(*sweeps, kind="sweep") -> dict:
    """As `planned.twin_settings` has them, of sweeps that drop a smaller last minibatch."""
    names = ["effective_lrs", "batch", "optimizers", "examples", "epochs", "schedule"]
    told = [dict(zip(names, sweep, strict=True)) | {"last_batch": "drop"} for sweep in sweeps]
    return {"figure": {"kind": kind}, "sweeps": told}


BOTH = ("sgd", "momentum-0.9")
CIFAR = BOTH, 50_000, 200, HALVING
FAMILY = (*BOTH, "momentum-0.99", "momentum-0.999", "momentum-0.9999"), 50_000, 200, HALVING
MNIST = BOTH, 60_000, 256, CONSTANT
PTB = BOTH, 26_559, 39, DECAYING
FIGURES = {
    1: [(_powers(-6, 4), 32, *CIFAR)],
    2: [(_powers(-4, 6), 1024, *CIFAR)],
    3: [(_powers(-6, 4), 32, *FAMILY), (_powers(-4, 6), 1024, *FAMILY)],
    4: [(_powers(-5, 5), 128, *CIFAR)],
    5: [(_powers(-4, 6), 1024, *CIFAR)],
    6: [(_powers(-4, 4, 2.5e-3), 1, *MNIST)],
    7: [(_powers(-1, 8, 2.5e-3), 64, *MNIST)],
    8: [([0.01, 0.03, 0.1, 0.3, 1.0, 3.0], 1, *PTB)],
    9: [([0.1, 0.3, 1.0, 3.0, 10.0, 30.0], 256, *PTB)],
}


@pytest.fixture(scope="module")
def tables():
    return {figure: twin.twin_table(settings(*sweeps)) for figure, sweeps in FIGURES.items()}


def test_optima_of_figures_1_to_3(tables):
    fig = tables
    assert twin.optimum_of(fig[1], "sgd", 32) == twin.optimum_of(fig[1], "momentum-0.9", 32) == 0.25
    assert twin.optimum_of(fig[2], "momentum-0.9", 1024) == 8
    assert twin.optimum_of(fig[2], "sgd", 1024) == 2
    assert twin.optimum_of(fig[3], "momentum-0.9", 1024) == 8


def test_every_point_of_the_grid_has_a_row(tables):
    for figure, sweeps in FIGURES.items():
        sweep = tables[figure].filter(pc.field("panel") == "sweep")
        expected = {(b, name, lr) for lrs, b, names, *_ in sweeps for name in names for lr in lrs}
        rows = [(r["batch"], r["optimizer"], r["effective_lr"]) for r in sweep.to_pylist()]
        assert set(rows) == expected and len(rows) == len(expected)
        assert sweep["epoch"].null_count == sweep.num_rows


def test_a_row_has_a_mean_or_has_diverged(tables):
    for table in tables.values():
        for row in table.to_pylist():
            assert (row["mean"] is None) == (row["diverged"] == 1)
            assert row["std"] is None and row["n"] == 0


def test_sgd_diverges_from_4_and_momentum_does_not(tables):
    broken = pc.field("diverged") == 1
    sweep = tables[2].filter((pc.field("panel") == "sweep") & broken).to_pylist()
    assert {(r["optimizer"], r["effective_lr"]) for r in sweep} == {
        *(("sgd", lr) for lr in (4.0, 8.0, 16.0, 32.0, 64.0)),
        ("momentum-0.9", 64.0),
    }


def test_curves_end_where_the_sweep_stands(tables):
    rows = tables[1].to_pylist()
    curve = [r for r in rows if r["panel"] == "curves" and r["optimizer"] == "momentum-0.9"]
    assert [r["epoch"] for r in curve] == list(range(201))
    assert {r["effective_lr"] for r in curve} == {0.25}
    final = [
        r["mean"]
        for r in rows
        if (r["panel"], r["optimizer"], r["effective_lr"]) == ("sweep", "momentum-0.9", 0.25)
    ]
    assert [curve[-1]["mean"]] == final
    assert curve[0]["mean"] > curve[100]["mean"] > curve[200]["mean"]


def test_columns_are_those_of_a_figure_table(tables):
    names = "panel metric optimizer momentum batch effective_lr epoch mean std n diverged"
    assert all(table.schema.names == names.split() for table in tables.values())


def test_curves_can_be_left_out():
    one = [0.1], 4, ["sgd"], 16, 2, CONSTANT
    table = twin.twin_table(settings(one, kind="momenta"))
    assert table["panel"].to_pylist() == ["sweep"]


@pytest.mark.parametrize(("epochs", "diverges"), [(10, False), (40, True)])
def test_a_run_that_diverges_late_has_diverged(epochs, diverges):
    """At 2.2 the stiffest direction grows 1.44-fold an update: over single precision after 242."""
    table = twin.twin_table(settings(([0.5, 2.2], 1000, ["sgd"], 10_000, epochs, CONSTANT)))
    sweep = {row["effective_lr"]: row for row in table.to_pylist() if row["panel"] == "sweep"}
    assert (sweep[2.2]["diverged"], sweep[2.2]["mean"] is None) == (diverges, diverges)
    assert sweep[0.5]["diverged"] == 0 and twin.optimum_of(table, "sgd", 1000) == 0.5
