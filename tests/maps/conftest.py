import pytest
from known_runs import stored, task


@pytest.fixture
def known():
    """At B = 1 both are as good; at B = 10 SGD's best rate diverges for one seed."""
    return task(
        *(stored(1, "sgd", 0.1, s, [5, 2 + s]) for s in (0, 1)),
        *(stored(1, "sgd", 0.2, s, [9, 8 + s]) for s in (0, 1)),
        *(stored(1, "momentum-0.9", 0.1, s, [4, 2 + s]) for s in (0, 1)),
        *(stored(10, "sgd", 0.1, s, [9, 6 + s]) for s in (0, 1)),
        stored(10, "sgd", 1.0, 0, [1, 1]),
        stored(10, "sgd", 1.0, 1, [1, 1], diverged=True),
        *(stored(10, "momentum-0.9", 1.0, s, [3, 2 + s]) for s in (0, 1)),
    )
