"""What a finding is called: its arms, rates, epochs and unit."""

from dataclasses import replace

import pytest

from claims.bench import Memory, sweep, valley
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import Finding


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


def test_a_curve_is_ten_parts_in_per_cent_of_the_epochs():
    parts = findings({"test": "curve", "rates": {"rule": "optimum"}}, a=sweep(valley()))
    spans = [f"mean over {10 * k} to {10 * k + 10} % of the epochs of" for k in range(10)]
    assert [found.label for found in parts] == [f"a, {span} train_loss at 1" for span in spans]


@pytest.mark.parametrize(
    ("measure", "quantity", "wanted"),
    [
        ({}, "momentum-0.9 minus sgd is", "more than 0.02"),
        (
            {"measure": "updates", "target": "a"},
            "sgd over momentum-0.9, minus 1, is",
            "more than 0",
        ),
    ],
)
def test_of_accuracies_differences_are_shown_and_of_costs_ratios(measure, quantity, wanted):
    grid = sweep(valley())
    accuracies = replace(grid, metric="test_accuracy", curves=grid.curves / 3, level=1.0)
    (found,) = findings({"test": "better", **measure}, a=accuracies)
    assert (found.quantity, found.wanted) == (quantity, wanted)
