"""Tables of the theory figures: complete, and Monte Carlo within its standard error."""

import numpy as np
import pyarrow.compute as pc
import pytest

from largebatch.analysis.theory import figures_data, monte_carlo
from largebatch.analysis.theory.planned import GENERAL
from largebatch.figures.plates.theory import DRAWN


@pytest.fixture(scope="module")
def sums():
    return monte_carlo.momentum_sum_table()


def _columns(table, **where):
    for name, value in where.items():
        table = table.filter(pc.field(name) == value)
    return {name: np.array(table[name].to_pylist(), dtype=object) for name in table.schema.names}


def _worst(table, groups):
    """Largest |Monte Carlo - exact| in standard errors, and the same for the paper's form."""
    worst = {"exact": 0.0, "paper": 0.0}
    paper = "final" if "final" in set(table["form"].to_pylist()) else "paper"
    for where in groups:
        simulated = _columns(table, form="monte_carlo", **where)
        error = simulated["standard_error"].astype(float)
        for name, form in (("exact", "exact"), ("paper", paper)):
            values = _columns(table, form=form, **where)["value"]
            if len(values):
                distance = np.abs((simulated["value"] - values).astype(float)) / error
                worst[name] = max(worst[name], distance.max())
    return worst


def test_every_figure_that_is_planned_is_made():
    assert tuple(DRAWN) == GENERAL


def test_eq_18_monte_carlo_confirms_the_exact_form_and_not_the_papers():
    worst = _worst(monte_carlo.finite_population_table(), [{}])
    assert worst["exact"] < 4 < 20 < worst["paper"]


@pytest.mark.parametrize("equation", ["24", "26"])
def test_eqs_24_and_26_monte_carlo_confirms_the_exact_form_and_not_the_papers(sums, equation):
    table = sums.filter(pc.field("equation") == equation)
    if equation == "24":
        assert {"lines 1-2", "line 3", "line 4", "final"} < set(table["form"].to_pylist())
    worst = _worst(table, [{"momentum": 0.9}, {"momentum": 0.99}])
    assert worst["exact"] < 4 < 20 < worst["paper"]


def test_the_paper_s_n_is_one_less_than_the_number_of_updates(sums):
    """Its last form of eq. 24 is that n, here divided by the number of updates."""
    rows = _columns(sums, equation="24", form="final", momentum=0.9)
    updates = rows["updates"].astype(float)
    assert rows["value"].astype(float) == pytest.approx((updates - 1) / updates)


def test_monte_carlo_is_seeded():
    once, again = (monte_carlo.finite_population_table() for _ in range(2))
    assert once.equals(again)


def test_noise_and_curvature_limit_the_stable_rate_together():
    """Inverse rates add, so the rate lies below both limits, and near the smaller one."""
    table = figures_data.stability_against_batch()
    column = {name: table[name].to_numpy() for name in table.schema.names}
    inverse = 1 / column["noise_limit"] + 1 / column["curvature_limit"]
    assert column["effective_lr"] == pytest.approx(1 / inverse)
    assert np.all(column["ratio_to_sgd"] >= 1)
    assert table.num_rows == 3 * len(figures_data.BATCHES)


def test_stationary_variance_is_null_exactly_where_none_exists():
    columns = _columns(figures_data.stationary_variance(xs=(0.01, 1.0, 2.0, 37.0, 39.0)))
    missing = [
        (m, x)
        for m, x, variance in zip(*(columns[k] for k in ("momentum", "x", "variance")), strict=True)
        if variance is None
    ]
    assert missing == [(0.0, 2.0), (0.0, 37.0), (0.0, 39.0), (0.9, 39.0)]


def test_stationary_variances_are_in_units_of_their_limit_at_small_rates():
    for row in figures_data.stationary_variance(xs=(1e-6, 1.0)).to_pylist():
        of_sgd = 2 / (2 - row["x"])
        assert row["variance"] * row["sgd_ratio"] == pytest.approx(of_sgd)
        assert row["x"] == 1 or row["variance"] == pytest.approx(1)


def test_the_regimes_of_the_map_follow_from_the_radius_of_real_trajectories():
    xs = 0.01, 0.5, 1.5, 2.0, 50.0
    table = figures_data.spectral_radius_map(xs=xs, momenta=(0.0, 0.9))
    rows = {(row["momentum"], row["x"]): row for row in table.to_pylist()}
    regimes = [[rows[m, x]["regime"] for x in xs] for m in (0.0, 0.9)]
    assert regimes == [
        ["monotone", "monotone", "oscillating", "unstable", "unstable"],
        ["monotone", "oscillating", "oscillating", "oscillating", "unstable"],
    ]
    assert all((row["radius"] >= 1) == (row["regime"] == "unstable") for row in rows.values())
    assert not rows[0.9, 0.5]["faster_than_sgd"] and rows[0.9, 2.0]["faster_than_sgd"]
    assert not any(rows[0.0, x]["faster_than_sgd"] for x in xs)  # SGD itself
