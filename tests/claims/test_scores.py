"""Scores: smaller is better, and what does not matter is one tolerance wide."""

import numpy as np
import pytest

from largebatch.analysis.claims.scores import score, tolerance

TOLERANCES = {"accuracy": 0.005, "perplexity": 0.02, "train_loss": 0.05, "test_loss": 0.1}


@pytest.mark.parametrize(("metric", "share"), [("train_loss", 0.05), ("test_loss", 0.1)])
def test_a_loss_that_is_larger_by_a_share_is_worse_by_its_tolerance(metric, share):
    better, worse = score(metric, np.array([3.0, 3.0 * (1 + share)]))
    assert worse - better == pytest.approx(tolerance(metric, TOLERANCES))


def test_a_perplexity_is_compared_by_its_logarithm_which_is_stored():
    better, worse = score("test_perplexity", np.log([100.0, 102.0]))
    assert worse - better == pytest.approx(tolerance("test_perplexity", TOLERANCES))


def test_an_accuracy_is_compared_by_its_errors():
    better, worse = score("test_accuracy", np.array([0.9, 0.895]))
    assert worse - better == pytest.approx(tolerance("test_accuracy", TOLERANCES))
