"""`gap_growth` and `flatter`: what is compared around an optimum, without noise."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import TOLERANCE, Memory, Truth, paying, sweep, valley
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import Finding
from largebatch.analysis.claims.verdict import judge


def exact(truth: Truth, **changes):
    return sweep(truth, noise=0.0, **changes)


def found(test: str, more: dict | None = None, **sweeps) -> list[Finding]:
    check = {"test": test, "sweeps": ["a"], "metrics": ["test"], **(more or {})}
    return list(CHECKS[test](check, Memory(sweeps)))


def verdict(findings: list[Finding]) -> str:
    return judge(findings, 0.05)[0]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "supported"),  # 0.2 after 0.15
        ({"factor": 2}, "contradicted"),
        ({"steps": 2}, "contradicted"),  # 0.2 after 0.3
    ],
)
def test_a_gap_grows_by_more_than_a_factor_over_some_steps(more, expected):
    grid = exact(paying({-2.0: 0.3, -1.0: 0.15, 0.0: 0.2}))
    assert verdict(found("gap_growth", more, a=grid)) == expected


def test_a_gap_within_the_tolerance_is_none():
    grid = exact(paying({0.0: 0.5 * TOLERANCE}))
    gap, growth = found("gap_growth", a=grid)
    assert (verdict([gap]), verdict([growth])) == ("contradicted", "supported")


@pytest.mark.parametrize(("best", "expected"), [(-4.0, "undecided"), (-3.0, "supported")])
def test_there_is_no_gap_below_the_first_rate(best, expected):
    grid = exact(paying({best: 0.3}, valley(best=best)))
    assert verdict(found("gap_growth", a=grid)) == expected


def test_a_gap_minus_twice_another_is_known_less_precisely_than_one():
    gap, growth = found("gap_growth", {"factor": 2}, a=exact(paying({-1.0: 0.1, 0.0: 0.3})))
    width = np.log1p(gap.evidence.high) - np.log1p(gap.evidence.low)
    assert growth.evidence.high - growth.evidence.low == pytest.approx(np.sqrt(5) * width)


def test_a_rate_where_momentum_is_best_by_luck_widens_its_gap_on_its_side():
    """Which of three rates is best is in doubt; a gap that is too large is the likelier error."""
    flat = exact(paying({0.0: 0.3}, lambda name, x: 0.2 * np.maximum(np.abs(x) - 1, 0)))
    for each in found("gap_growth", a=flat):
        low, middle, high = each.evidence.low, each.evidence.estimate, each.evidence.high
        assert middle - low > 1.3 * (high - middle)


def test_a_gap_of_accuracies_is_a_difference():
    grid = exact(paying({0.0: 0.3}))
    gap, _ = found("gap_growth", a=replace(grid, metric="test_accuracy"))
    assert gap.evidence.estimate == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize(
    ("best", "why"), [(-3.0, "grid"), (-2.0, None), (2.0, None), (3.0, "grid")]
)
def test_a_rise_needs_two_rates_on_either_side_of_the_optimum(best, why):
    (each,) = found("flatter", {"against": "b"}, a=exact(valley()), b=exact(valley(best=best)))
    assert each.open == why


def test_a_rise_is_over_the_best_five_neighbours_whichever_of_them_is_the_optimum():
    """SGD is best at 1; the best five rates lie around 2."""
    scores = np.array([2.0, 2.0, 1.0, 0.5, 0.0, 0.1, 0.1, 0.1, 0.9])
    (each,) = found("flatter", {"against": "b"}, a=exact(valley()), b=exact(lambda name, x: scores))
    assert each.evidence.estimate == pytest.approx(0.8 / 5 - 0.05 * 10 / 5, abs=1e-3)


def test_luck_lowers_the_rise_of_a_sweep_whose_best_rates_are_in_doubt():
    """Not that of the steep one, so the first may really rise more, rather than less."""
    steep = exact(lambda name, x: 0.3 * np.abs(x))
    wide = exact(lambda name, x: np.where(np.isin(x, (-2.0, 0.0, 2.0)), 0.0, 0.3 + 0.01 * x**2))
    (each,) = found("flatter", {"against": "b"}, a=wide, b=steep)
    below, above = np.abs(each.evidence.estimate - np.array(each.evidence[3:]))
    assert above > 1.3 * below
    (each,) = found("flatter", {"against": "b"}, a=steep, b=wide)
    below, above = np.abs(each.evidence.estimate - np.array(each.evidence[3:]))
    assert below > 1.3 * above


def test_rises_are_paired_by_seed_whichever_others_a_sweep_has():
    grid = sweep(valley(), noise=0.02)
    part = {"curves": grid.curves[:, :, 2:], "seconds": grid.seconds[:, :, 2:]}
    fewer = replace(grid, seeds=(2, 3, 4), **part)
    other = sweep(valley(sgd=0.1), batch=64, noise=0.02)
    alone = found("flatter", {"against": "b"}, a=fewer, b=replace(other, seeds=(2, 3, 4, 7, 8)))
    both = found("flatter", {"against": "b"}, a=grid, b=replace(other, seeds=(2, 3, 4, 7, 8)))
    assert alone == both and alone[0].n == 3
