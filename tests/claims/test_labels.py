"""What a finding is called: its arms, rates, epochs and unit."""

from dataclasses import replace

import pytest

from claims.bench import Memory, sweep, valley
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import Finding
from largebatch.analysis.claims.verdict import judge


def findings(check: dict, **sweeps) -> list[Finding]:
    named = {name: replace(grid, name=name) for name, grid in sweeps.items()}
    check = {"sweeps": ["a"], "metrics": ["test"], **check}
    return list(CHECKS[check["test"]](check, Memory(named)))


def test_a_rate_that_both_arms_have_is_named_once():
    (same,) = findings({"test": "better"}, a=sweep(valley()))
    assert same.label == "a, final train_loss at 1"
    apart = {"a": sweep(valley()), "b": sweep(valley(best=2))}
    (found,) = findings({"test": "better", "against": "b"}, **apart)
    assert found.label == "a against b, final train_loss at 1 against 4"


TO_A_TARGET = {"test": "better", "measure": "updates", "target": "c"}


def test_a_target_that_neither_arm_reaches_names_no_rate_and_decides_nothing():
    """The sweep that sets it does better; both arms learn, at every rate."""
    better, worse = sweep(lambda name, x: valley()(name, x) - 1), sweep(valley())
    (found,) = findings(TO_A_TARGET, a=worse, c=better)
    assert found.sentence == (
        "a, updates to a target train_loss: neither arm reaches the target at any learning rate; "
        "the claim says more than 1"
    )
    assert judge([found], 0.05)[0] == "undecided"


@pytest.mark.parametrize(
    ("first", "at", "verdict"),
    [
        ("momentum-0.9", "at 1 against no rate of sgd", "supported"),
        ("sgd", "at no rate of sgd against 1", "contradicted"),
    ],
)
def test_who_reaches_the_target_is_faster_than_who_does_so_at_no_rate(first, at, verdict):
    worse = sweep(lambda name, x: valley()(name, x) - (name != "sgd"))
    second = "sgd" if first != "sgd" else "momentum-0.9"
    both = {"first": first, "second": second}
    (found,) = findings(TO_A_TARGET | both, a=worse, c=sweep(lambda n, x: valley()(n, x) - 0.9))
    assert found.label == f"a, updates to a target train_loss {at}"
    assert judge([found], 0.05)[0] == verdict


def test_an_arm_that_learns_at_no_rate_has_no_best_one():
    dead = sweep(lambda name, x: valley()(name, x) + 9.0 * (name == "sgd"))
    for rule, at in (("best", "at 1 against no rate of sgd"), ("optimum", "at 1")):
        (found,) = findings({"test": "better", "rates": {"rule": rule}}, a=dead)
        assert found.label == f"a, final train_loss {at}"


def test_a_curve_is_ten_parts_in_per_cent_of_the_epochs():
    parts = findings({"test": "curve", "rates": {"rule": "optimum"}}, a=sweep(valley()))
    spans = [f"mean over {10 * k} to {10 * k + 10} % of the epochs of" for k in range(10)]
    assert [found.label for found in parts] == [f"a, {span} train_loss at 1" for span in spans]


@pytest.mark.parametrize(
    ("measure", "quantity", "wanted"),
    [
        ({}, "momentum-0.9 minus sgd is", "more than 2 points"),
        (
            {"measure": "updates", "target": "a"},
            "sgd over momentum-0.9 is",
            "more than 1",
        ),
    ],
)
def test_of_accuracies_differences_are_shown_and_of_costs_ratios(measure, quantity, wanted):
    grid = sweep(valley())
    accuracies = replace(grid, metric="test_accuracy", curves=grid.curves / 3, level=1.0)
    (found,) = findings({"test": "better", **measure}, a=accuracies)
    assert (found.quantity, found.wanted) == (quantity, wanted)
