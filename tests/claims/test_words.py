"""The sentences that the page of claims prints."""

import numpy as np
import pyarrow as pa
import pytest

from largebatch.analysis.claims.evaluate import SCHEMA
from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import (
    POINTS,
    RATIO,
    RELATIVE,
    contrast_units,
    finding,
    no_rates,
)
from largebatch.analysis.claims.page import ours, page
from largebatch.analysis.claims.verdict import verdict_columns
from largebatch.study import load_study

HOLDS, FAILS = Evidence(0.01, 0.99, 2.0, 1.0, 3.0), Evidence(0.99, 0.001, -2.0, -3.0, -1.0)
OPEN = Evidence(0.4, 0.6, 0.5, -1.0, 2.0)
ALONE = Evidence(0.96, 0.04, -1.0, -2.0, -0.1)  # it fails, but not as one of several


def reason(*evidence: Evidence) -> str:
    found = [finding("fig1", "gap is", "more than 0", each, n=5) for each in evidence]
    return verdict_columns(found, alpha=0.05)["reason"]


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ([HOLDS], "its one part holds: fig1: gap is 2 [1, 3]; the claim says more than 0"),
        ([FAILS], "its one part fails: fig1: gap is -2 [-3, -1]"),
        ([OPEN], "its one part is open because of the interval: fig1: gap is"),
        ([HOLDS, HOLDS], "all 2 parts hold; the weakest: fig1"),
        ([HOLDS, FAILS], "1 of 2 parts fails; the worst: fig1: gap is -2"),
        ([HOLDS, OPEN], "1 of 2 parts is open, because of the interval: fig1: gap is 0.5"),
        ([OPEN, OPEN], "2 of 2 parts are open; one of them, because of the interval: fig1"),
        ([FAILS, ALONE, OPEN], "1 of 3 parts fails; the worst: fig1: gap is -2"),
        ([ALONE, OPEN, HOLDS], "2 of 3 parts are open (1 would fail alone, but none after Holm's "),
    ],
)
def test_a_reason_counts_parts_only_if_there_are_several(evidence, words):
    assert reason(*evidence).startswith(words)


def test_without_a_rate_there_is_no_number():
    sentence = no_rates("fig1", "more than 0", n=5).sentence
    assert sentence == "fig1: the grid has no such learning rate; the claim says more than 0"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "unit", "words"),
    [
        (0.5, -1.0, 2.0, "", "0.5 [-1, 2]"),
        (0.5, -1.0, 2.0, "%", "50 % [-100, 200]"),
        (None, -np.inf, np.inf, "", "- [-inf, inf]"),  # tested, but nothing is known
        (None, None, None, None, ""),  # not run
    ],
)
def test_what_was_not_tested_has_no_interval(estimate, low, high, unit, words):
    assert ours({"estimate": estimate, "low": low, "high": high, "unit": unit}) == words


@pytest.mark.parametrize(
    ("metric", "words"), [("test_accuracy", "150 points [80, 200]"), ("test_loss", "1.5 [0.8, 2]")]
)
def test_a_contrast_of_gaps_is_told_as_it_is(metric, words):
    """Two gaps may differ by more than all there is; of logarithms, no per cent are made."""
    evidence = Evidence(1.0, 1.0, 1.5, 0.8, 2.0)
    found = finding("fig1", "growth is", "more than 0", evidence, 5, contrast_units(metric))
    assert f"growth is {words};" in found.sentence


@pytest.mark.parametrize(
    ("units", "words", "wanted"),
    [
        (RELATIVE, "5.13 % [2.02, 8.33]", "2.02 %"),
        (POINTS, "5 points [2, 8]", "2 points"),
        (RATIO, "1.05 [1.02, 1.08]", "1.02"),
    ],
)
def test_numbers_are_told_with_their_units(units, words, wanted):
    found = finding("fig1", "gap is", "", Evidence(1.0, 1.0, 0.05, 0.02, 0.08), 5, units)
    assert f"gap is {words};" in found.sentence and units.say(0.02) == wanted


def test_a_row_of_the_page_is_one_row_whatever_it_says_and_has_no_number_that_is_none():
    texts = {"id": "C1", "place": "sec. 1", "statement": "|g|\nfalls.", "paper": "1 | 2"}
    row = texts | {"verdict": "not run", "reason": "a run is missing"}
    text = page(load_study("demo"), pa.Table.from_pylist([row], schema=SCHEMA), "digest", "mark")
    (line,) = (line for line in text.splitlines() if line.startswith("| C1 |"))
    assert r"| \|g\| falls. | sec. 1 | 1 \| 2 |" in line and "None" not in text
