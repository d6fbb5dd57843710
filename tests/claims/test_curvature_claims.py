"""Claims about h_max of known value: how precisely it is known, and in which words."""

import numpy as np
import pytest

from claims.bench import Memory, paying, sweep, valley
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.measure.log_h_max import RESOLUTION

T_OF_FIVE = 2.1318  # Student's t: 5 % of five seeds' lie above


def test_a_ratio_of_two_measurements_is_less_precise_than_either():
    """All seeds agree, so what is in doubt is what one measurement leaves in doubt, twice."""
    h_max = {name: dict.fromkeys(range(5), log) for name, log in (("a", np.log(8)), ("b", 0.0))}
    check = {"test": "curvature_ratio", "sweeps": ["a"], "against": "b", "factor": 3}
    (found,) = CHECKS["curvature_ratio"](check, Memory({}, h_max))
    middle, low = np.log([found.evidence.estimate, found.evidence.low])
    assert middle == pytest.approx(np.log(8)) and found.wanted == "more than 3"
    error = np.sqrt(2) * RESOLUTION / np.sqrt(5)
    assert middle - low == pytest.approx(T_OF_FIVE * error, rel=1e-3)


def test_a_threshold_times_h_max_is_as_precise_as_that():
    """The threshold lies in (1/2, 1] at every draw."""
    grid = sweep(paying(dict.fromkeys(range(5), 0.5), valley(best=-2)), noise=0.0)
    check = {"test": "curvature_threshold", "sweeps": ["a"], "factor": 2, "metrics": ["test"]}
    memory = Memory({"a": grid}, {"a": dict.fromkeys(range(5), np.log(8))}, draws=20_000)
    (found,) = CHECKS["curvature_threshold"](check, memory)
    low, high = np.log([found.evidence.low, found.evidence.high])
    error = T_OF_FIVE * RESOLUTION / np.sqrt(5)
    assert low == pytest.approx(np.log(4) - error, abs=0.1 * error)
    assert high == pytest.approx(np.log(8) + error, abs=0.1 * error)
