"""What a trend within a sweep is not: another's failure, or a lead of SGD that shrinks."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import Memory, paying, sweep, valley, verdict
from largebatch.analysis.claims.arms import DEFAULTS, arms
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.evidence import NotRun


@pytest.mark.parametrize("larger_is", ["worse", "better"])
def test_sgd_has_no_rank_among_the_momenta(larger_is):
    """All momenta are alike, and SGD is far worse than any (fig. 3 has none)."""
    check = {"test": "rank", "sweeps": ["a"], "larger_is": larger_is, "rates": {"rule": "all"}}
    assert verdict(check, Memory({"a": sweep(valley(sgd=1.0))}))[0] == "undecided"


def test_ranks_agree_where_the_momenta_are_in_order_in_all_seeds():
    check = {"test": "rank", "sweeps": ["a"], "larger_is": "worse", "rates": {"rule": "all"}}
    assert verdict(check, Memory({"a": sweep(valley(momenta=0.1))}))[0] == "supported"
    opposite = Memory({"a": sweep(valley(momenta=-0.1))})
    (found,) = CHECKS["rank"]({"metrics": ["test"], **check}, opposite)
    assert found.p[1] < 0.05 / 8  # a claim of eight such parts is contradicted, too
    assert (found.evidence.estimate, found.evidence.low) == (-1, -1)


def test_a_lead_of_sgd_that_shrinks_is_no_gap_that_grows():
    memory = Memory({"a": sweep(paying({-1.0: -0.4, 0.0: -0.1}))})
    check = {"test": "gap_growth", "sweeps": ["a"], "factor": 2}
    assert verdict(check, memory)[0] == "contradicted"


def test_a_difference_of_accuracies_is_shown_as_that_and_not_as_one_of_error_rates():
    grid = sweep(valley(sgd=0.1))
    accuracies = replace(grid, metric="test_accuracy", curves=grid.curves / 3, level=1.0)
    check = {"test": "better", "sweeps": ["a"], "metrics": ["test"]}
    (found,) = CHECKS["better"](check, Memory({"a": accuracies}))
    assert found.quantity == "momentum-0.9 minus sgd is"
    assert found.evidence.estimate == pytest.approx(0.1 / 3, abs=1e-3)
    assert -1 <= found.evidence.low < found.evidence.high <= 1


def test_who_fails_before_the_window_is_not_stable_in_it():
    """SGD diverges in the second of 20 epochs, at every rate; momentum does not."""
    grid = sweep(valley())
    curves = np.array(grid.curves)
    curves[grid.index("sgd"), ..., 1:] = grid.level
    check = {"test": "better", "sweeps": ["a"], "measure": "instability", "window": [0.25, 1]}
    check |= {"factor": 3, "rates": {"rule": "optimum"}}
    assert verdict(check, Memory({"a": replace(grid, curves=curves)}))[0] == "supported"


STABILITY = {"sweeps": ["a"], "against": "b", "measure": "instability", "factor": 3}
STABILITY |= {"test": "better", "rates": {"rule": "optimum"}, "metrics": ["test"]}


@pytest.mark.parametrize("short", ["a", "b"])
def test_neither_arm_s_stability_is_judged_from_too_few_epochs(short):
    grids = {name: sweep(valley(), epochs=3 if name == short else 20) for name in ("a", "b")}
    with pytest.raises(NotRun, match=f"{short} has 2 within 0 to 100 % of its 3 epochs"):
        list(CHECKS["better"](STABILITY, Memory(named(grids))))


def test_each_arm_s_stability_is_known_as_precisely_as_its_own_epochs_allow():
    grids = {"a": sweep(valley(), epochs=20), "b": sweep(valley(), epochs=5)}
    check = DEFAULTS | STABILITY
    a, b = arms(check, Memory(named(grids)), *named(grids).values())
    assert a.resolution == pytest.approx(1 / np.sqrt(2 * 19))
    assert b.resolution == pytest.approx(1 / np.sqrt(2 * 4))


def named(grids):
    return {name: replace(grid, name=name) for name, grid in grids.items()}
