"""Verdicts on synthetic pairs: right at their stated error rates, and each of them possible."""

import random
import sys
from pathlib import Path

import equivalence
import pytest
from equivalence import Point, finals, judge, pair

from largebatch.errors import UserError

MARGIN = 1.0
PUBLISHED = Path(__file__).parents[2] / "results/mnist-full"  # an auto-encoder's runs


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


@pytest.mark.parametrize(
    ("point", "verdict"),
    [
        (Point("p", (0.0,)), "undecided"),
        (Point("p", (0.8, 0.8)), "undecided"),
        (Point("p", (0.0, 0.0), diverged_both=8), "undecided"),
        (Point("p", (0.0, 0.0, 0.0)), "equivalent"),
        (Point("p", (0.9, 0.9, 0.9)), "undecided"),
        (Point("p", (0.0, 0.0), diverged_once=1), "different"),
    ],
)
def test_few_pairs_that_agree_decide_little(point, verdict):
    assert judge([point], MARGIN) == [verdict]


def test_a_study_and_itself():
    found = finals(PUBLISHED, "test_loss")
    assert len(found) == 20 and all(point.differences == (0.0,) for point in pair(found, found))


@pytest.mark.parametrize("metric", ["test_accuracy", "nonsense"])
def test_a_metric_that_runs_do_not_have_is_no_divergence(metric):
    with pytest.raises(UserError, match=f"it has no {metric}; --metric is one of .*test_loss"):
        finals(PUBLISHED, metric)


def test_a_logarithm_needs_positive_numbers():
    runs = {"t/s/lr1/seed0": 0.0}
    assert pair(runs, runs)[0].differences == (0.0,)
    with pytest.raises(UserError, match="t/s/lr1: a metric is not positive"):
        pair(runs, runs, relative=True)


def test_nothing_in_common_is_a_sentence(tmp_path, monkeypatch, capsys):
    arguments = ["equivalence.py", str(PUBLISHED), str(tmp_path), "--margin", "1"]
    monkeypatch.setattr(sys, "argv", arguments)
    assert equivalence.main() == 2
    assert "the two studies have no run in common" in capsys.readouterr().err
