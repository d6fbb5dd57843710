"""Verdicts on synthetic pairs: right at their stated error rates, and each of them possible."""

import random

import pytest
from equivalence import Point, holm, judge, pair

MARGIN = 1.0


def study(shift: float, spread: float, draw, points=6, seeds=5) -> list[Point]:
    return [
        Point(f"p{k}", tuple(draw.gauss(shift, spread) for _ in range(seeds)))
        for k in range(points)
    ]


@pytest.mark.parametrize(
    ("shift", "spread", "expected"),
    [(0.0, 0.1, "equivalent"), (3.0, 0.1, "different"), (0.0, 5.0, "undecided")],
)
def test_every_verdict_can_come_out(shift, spread, expected):
    verdicts = judge(study(shift, spread, random.Random(0)), MARGIN)
    assert set(verdicts) == {expected}


def test_at_the_margin_equivalence_is_claimed_by_few_studies():
    """The worst case of the null: a study claims any point with probability at most alpha."""
    draw = random.Random(1)
    claims = sum("equivalent" in judge(study(MARGIN, 0.3, draw), MARGIN) for _ in range(1000))
    assert claims <= 50 + 3 * (1000 * 0.05 * 0.95) ** 0.5


def test_without_a_difference_few_studies_claim_one():
    draw = random.Random(2)
    claims = sum("different" in judge(study(0, 3.0, draw), MARGIN) for _ in range(1000))
    assert claims <= 50 + 3 * (1000 * 0.05 * 0.95) ** 0.5


def test_small_differences_are_found_equivalent_by_most_studies():
    draw = random.Random(3)
    found = sum(set(judge(study(0, 0.1, draw), MARGIN)) == {"equivalent"} for _ in range(200))
    assert found > 190


def test_divergence_in_one_study_only_is_a_difference():
    first = {"t/s/lr1/seed0": 0.5, "t/s/lr1/seed1": 0.5, "t/s/lr9/seed0": None}
    second = {"t/s/lr1/seed0": None, "t/s/lr1/seed1": 0.5, "t/s/lr9/seed0": None}
    points = pair(first, second)
    assert [p.name for p in points] == ["t/s/lr1", "t/s/lr9"]
    assert judge(points, MARGIN) == ["different", "equivalent"]


def test_one_pair_decides_nothing():
    assert judge([Point("p", (0.0,))], MARGIN) == ["undecided"]


def test_holm_stops_at_the_first_that_stands():
    assert holm([0.01, 0.04, 0.03], 0.05) == [True, False, False]
    assert holm([0.01, 0.02, 0.03], 0.05) == [True, True, True]
