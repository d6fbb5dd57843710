"""The row of a claim: which of its parts decides, and what is told of that part."""

import json

import pytest

from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import Finding, finding, no_rates, number, share
from largebatch.analysis.claims.verdict import judge, verdict_columns

ALPHA = 0.05


def part(label: str, support: float, against: float, n: int = 5) -> Finding:
    evidence = Evidence(support, against, 1.0, 0.5, 2.0)
    return finding(label, "gap is", "more than 0", evidence, n)


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([("clear", 0.01, 0.99), ("decisive", 0.04, 0.96)], "supported"),
        ([("bad", 0.99, 0.01), ("decisive", 0.98, 0.001), ("good", 0.01, 0.99)], "contradicted"),
        ([("open", 0.1, 0.8), ("decisive", 0.4, 0.6), ("good", 0.01, 0.99)], "undecided"),
    ],
)
def test_the_part_that_decides_is_the_weakest_the_worst_or_the_most_open(parts, verdict):
    for order in (parts, parts[::-1]):
        found, decisive = judge([part(*each) for each in order], ALPHA)
        assert (found, decisive.label) == (verdict, "decisive")


def test_a_part_that_more_seeds_may_decide_is_told_before_one_that_no_number_can():
    parts = [no_rates("fig1", "more than 0", n=5), part("fig2", 0.1, 0.9)]
    for order in (parts, parts[::-1]):
        assert judge(order, ALPHA)[1].label == "fig2"


def test_the_columns_are_those_of_the_part_that_decides():
    columns = verdict_columns([part("a", 0.01, 0.99), part("b", 0.04, 0.96, n=3)], ALPHA)
    assert (columns["n"], columns["parts"], columns["open"]) == (3, 2, None)
    told = [(each["p_support"], each["p_against"]) for each in json.loads(columns["findings"])]
    assert told == [(0.01, 0.99), (0.04, 0.96)]


def test_what_has_no_number_is_null_or_left_out():
    columns = verdict_columns([no_rates("fig1", "more than 0", n=5)], ALPHA)
    (told,) = json.loads(columns["findings"])
    assert columns["estimate"] is None and not {"estimate", "low", "high"} & told.keys()


@pytest.mark.parametrize(("value", "shown"), [(0.4, 0.4), (-0.4, -0.4), (1.7, 1), (-1.7, -1)])
def test_no_difference_of_fractions_is_shown_beyond_1(value, shown):
    assert share(value) == shown


def test_zero_has_no_sign():
    assert number(-0.0) == number(0.0) == "0"
