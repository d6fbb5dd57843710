"""What is fitted or begins over several batches: in which order, how near, from which noise."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from claims.bench import LEVEL, TOLERANCE, Memory, X, first_seeds, sweep, valley, verdict
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.finding import Finding


def finding(check: dict, memory: Memory) -> Finding:
    (found,) = CHECKS[check["test"]]({"metrics": ["test"], **check}, memory)
    return found


def proportional(**settings) -> dict:
    """The optimum is proportional to the batch."""
    batches = zip("abc", (8, 16, 32), (-1.0, 0.0, 1.0), strict=True)
    return {name: sweep(valley(best=best), batch=b, **settings) for name, b, best in batches}


SLOPE = {"test": "slope", "near": 1}


def test_the_order_in_which_a_claim_lists_sweeps_does_not_matter():
    memory = Memory(proportional())
    found = [finding(SLOPE | {"sweeps": list(p)}, memory) for p in permutations("abc")]
    assert found == found[:1] * 6 and found[0].evidence.estimate == pytest.approx(1, abs=0.05)


def test_a_slope_is_near_to_within_one_step_of_the_widest_grid():
    """Over two octaves; a rate more or less at an end of a grid is no step of it."""
    uneven = np.r_[X, 8.0]
    sweeps = proportional() | {"c": sweep(valley(best=1), batch=32, x=uneven)}
    check = SLOPE | {"sweeps": list("abc")}
    assert finding(check, Memory(sweeps)).wanted == "between 0.5 and 1.5"
    sweeps["a"] = sweep(valley(best=-1), batch=8, x=X[::2])
    assert finding(check, Memory(sweeps)).wanted == "between 0 and 2"


@pytest.mark.filterwarnings("error")
def test_a_grid_of_one_rate_has_no_step():
    one = {name: sweep(valley(), batch=b, x=X[:1]) for name, b in (("a", 8), ("b", 32))}
    check = SLOPE | {"sweeps": ["a", "b"]}
    for name, batch in (("a", 8), ("b", 32)):
        other = Memory(one | {name: sweep(valley(), batch=batch)})
        assert finding(check, other).wanted == "between 0.5 and 1.5"
        assert verdict(check, other) == ("undecided", "grid")
    assert finding(check, Memory(one)).wanted == "about 1"
    assert verdict(check, Memory(one)) == ("undecided", "grid")


@pytest.mark.parametrize(("of", "noise"), [("optimum", 0.01), ("stable", 0.5)])
def test_the_noise_of_sweeps_is_not_the_same(of, noise):
    """These have the same numbers; noise that both shared would cancel in their slope."""
    grid = sweep(valley(), noise=noise)
    memory = Memory({"a": grid, "b": replace(grid, batch=64)})
    evidence = finding(SLOPE | {"sweeps": ["a", "b"], "of": of}, memory).evidence
    assert evidence.low < 0 < evidence.high


def test_slow_runs_below_the_optimum_do_not_end_the_stable_rates():
    """Runs at the smallest rates are nearer to an untrained network than to the best."""
    sweeps = {
        name: sweep(lambda n, x, up=up: 2.5 * ((x < -2) | (x > up)), batch=batch)
        for name, batch, up in (("a", 8, 0.0), ("b", 16, 1.0))
    }
    check = SLOPE | {"of": "stable", "sweeps": ["a", "b"]}
    assert finding(check, Memory(sweeps)).evidence.estimate == pytest.approx(1)


@pytest.mark.parametrize(
    "check",
    [
        SLOPE | {"sweeps": ["a", "b"]},
        {"test": "critical_batch", "sweeps": ["c"], "against": ["a", "b"]},
    ],
)
def test_the_sweep_with_fewest_seeds_says_how_many_there_are(check):
    few = first_seeds(Memory({"b": proportional()["b"]}), 3).sweeps
    assert finding(check, Memory(proportional() | few)).n == 3


def test_who_learns_nothing_anywhere_has_no_last_stable_rate():
    def truth(name, x):
        return np.where(x <= 0, LEVEL - 0.9 * TOLERANCE, LEVEL)

    sweeps = {name: sweep(truth, batch=b, noise=0.0) for name, b in (("a", 8), ("b", 64))}
    for near in (0, 9):
        check = SLOPE | {"of": "stable", "sweeps": ["a", "b"], "near": near}
        assert verdict(check, Memory(sweeps)) == ("undecided", "grid")


@pytest.mark.parametrize(
    ("flat", "expected"), [("momentum-0.9", "undecided"), ("sgd", "supported")]
)
def test_a_lead_counts_less_where_momentum_may_be_best_at_several_rates_by_luck(flat, expected):
    """At batch 8 momentum leads by as much as one in 33 would by chance; at 64 it does not."""
    lead = TOLERANCE + 2.6 * 0.25 * TOLERANCE / np.sqrt(5)  # Student's t of 0.03 for 5 seeds

    def truth(name, x):
        width = 1 if name == flat else 0
        return 0.2 * np.maximum(np.abs(x) - width, 0) + lead * (name == "sgd")

    sweeps = {"a": sweep(truth, batch=8, noise=0.0), "b": sweep(valley(), batch=64, noise=0.0)}
    check = {"test": "critical_batch", "sweeps": ["a"], "against": ["b"]}
    assert verdict(check, Memory(sweeps))[0] == expected
