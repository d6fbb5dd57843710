"""The two arms of a check: what is compared of each run, and how precisely it is known."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import LEVEL, RESOLUTION, TOLERANCE, Memory, sweep, valley
from largebatch.analysis.claims.arms import DEFAULTS, arms
from largebatch.analysis.claims.evaluate import CHECKS

GRID = sweep(valley(sgd=0.5))  # an epoch is 1000/32 updates


def test_scores_are_known_to_within_the_resolution_of_their_difference():
    for arm in arms(DEFAULTS, Memory({"a": GRID}), GRID, GRID):
        assert np.hypot(arm.resolution, arm.resolution) == pytest.approx(RESOLUTION)


@pytest.mark.parametrize("names", [("sgd", "momentum-0.99"), ("momentum-0.99", "sgd")])
def test_early_is_the_memory_of_the_larger_momentum(names):
    """1/(1 - m) updates: of 0.99, three epochs of this sweep end by then."""
    check = DEFAULTS | {"measure": "early"} | dict(zip(("first", "second"), names, strict=True))
    for arm, name in zip(arms(check, Memory({"a": GRID}), GRID, GRID), names, strict=True):
        curves = GRID.curves[GRID.index(name)]
        assert np.array_equal(arm.values, curves[..., :3].mean(-1))


def cost(a, b=None, **sweeps):
    """Arms that are compared by updates to a target, named `c`: how well SGD does on that sweep."""
    check = DEFAULTS | {"measure": "updates", "target": "c"}
    return arms(check, Memory({"c": a, **sweeps}), a, b or a)


def arriving(epochs: np.ndarray, best: float = 0.0, worst: float = 2.0, **changes):
    """A sweep of runs that fall from `worst` to `best` at these epochs, (rates,)."""
    falls = np.arange(1, 21) >= np.reshape(epochs, (1, -1, 1, 1))
    grid = sweep(valley())
    curves = np.broadcast_to(np.where(falls, best, worst), grid.curves.shape)
    return replace(grid, curves=curves.copy(), **changes)


def test_the_target_is_what_sgd_reaches_to_one_tolerance():
    few, many = arriving(np.arange(1, 10)), arriving(np.arange(1, 10))
    few.curves[few.index("sgd"), ..., 10:] = -TOLERANCE  # it improves a little, much later
    momentum, sgd = cost(few)
    assert np.allclose(np.exp(sgd.values), np.exp(momentum.values))
    many.curves[many.index("sgd"), ..., 10:] = -2 * TOLERANCE
    _, sgd = cost(many)
    assert np.allclose(np.exp(sgd.values), 11 * 1000 / 32)


def test_who_never_arrives_costs_as_much_as_the_longest_run_of_either_sweep():
    large, small = arriving(np.full(9, 21)), arriving(np.full(9, 21))
    small = replace(small, updates=10 * small.updates)
    for pair in ((large, small), (small, large)):
        for arm in cost(*pair, c=arriving(np.ones(9))):
            assert np.allclose(np.exp(arm.values), small.updates[-1])


def test_a_cost_is_known_to_within_an_epoch_on_average_over_its_seeds():
    grid = arriving(np.full(9, 4))
    grid.curves[:, :, 0, :7] = LEVEL  # the first of five seeds arrives in the eighth epoch
    for arm in cost(grid, c=arriving(np.ones(9))):
        assert arm.resolution == pytest.approx((np.log(9 / 8) + 4 * np.log(5 / 4)) / 5)


def test_a_target_is_of_the_same_metric():
    sweeps = {("c", "train"): arriving(np.ones(9), best=1.0), ("c", "test"): arriving(np.ones(9))}
    check = DEFAULTS | {"measure": "updates", "target": "c"}
    two_steps = arriving(np.full(9, 3), worst=1.0)  # at 1 at once, at 0 in the third epoch
    for metric, epochs in (("train_loss", 1), ("test_loss", 3)):
        grid = replace(two_steps, metric=metric)
        for arm in arms(check, Memory(sweeps), grid, grid):
            assert np.allclose(np.exp(arm.values), epochs * 1000 / 32)


@pytest.mark.parametrize(("measure", "clock"), [("updates", 0.0), ("seconds", 0.1)])
def test_costs_are_as_precise_as_the_rates_at_which_they_are_compared(measure, clock):
    """Each arm is fastest at a rate of its own; all seeds agree, so only an epoch is in doubt.

    Of seconds, the clock of each arm is in doubt, too, which its seeds share.
    """
    grid = arriving(np.full(9, 16))
    grid.curves[grid.index("momentum-0.9"), 2, :, 1:] = 0.0
    grid.curves[grid.index("sgd"), 6, :, 7:] = 0.0
    check = {"test": "better", "sweeps": ["a"], "measure": measure, "target": "a"}
    (found,) = CHECKS["better"](check | {"metrics": ["test"]}, Memory({"a": grid}))
    ratio, low = np.log([found.evidence.estimate, found.evidence.low])
    assert ratio == pytest.approx(np.log(8 / 2))
    error = np.hypot(np.log(3 / 2), np.log(9 / 8)) / np.sqrt(5)
    error = np.hypot(error, np.sqrt(2) * clock)
    assert (ratio - low) / error == pytest.approx(2.132, abs=1e-3)  # of Student's t for 5 seeds
