"""What the claims take from a run's table."""

import numpy as np

from largebatch.analysis.claims.runs import History


def test_the_time_before_training_is_no_training():
    """Row 0 is a test of the untrained network, and what is made once."""
    history = History(False, {"seconds": np.array([9.0, 1.0, 2.0])}, {})
    assert history.elapsed.tolist() == [0, 1, 3]
