"""Why a finding is open: its interval has no end for want of seeds, or of rates."""

import numpy as np
import pytest

from largebatch.analysis.claims.evidence import Evidence
from largebatch.analysis.claims.finding import RATE, finding
from largebatch.analysis.claims.paired import better


@pytest.mark.parametrize(("seeds", "why"), [(1, "seeds"), (2, "seeds"), (3, "interval")])
def test_seeds_that_agree_exactly_do_not_blame_the_grid(seeds, why):
    evidence = better(np.full(seeds, 0.3), 0.0, 0.05, 1.0)
    assert finding("here", "difference is", "more than 0", evidence, seeds).why_open == why


@pytest.mark.parametrize(("seeds", "why"), [(1, "seeds"), (2, "grid"), (5, "grid")])
def test_an_optimum_beyond_the_grid_does(seeds, why):
    evidence = Evidence(1.0, 1.0, 4.5, 4.5, np.inf)
    found = finding("here", "optimum is", "about 1", evidence, seeds, RATE)
    assert found.why_open == why
