"""Each rule of which learning rates are compared."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from claims.bench import LEVEL, X, sweep, valley
from largebatch.analysis.claims.rates import Arm, best, chosen, common_seeds

ALPHA = 0.05
DEAD = sweep(lambda name, x: 0.05 * x**2 + 9.0 * (x > (1 if name == "sgd" else 2)))


def arms(first, second=None, names=("momentum-0.9", "sgd")) -> list[Arm]:
    grids = (replace(grid, resolution=1e-9) for grid in (first, second or first))
    return [
        Arm(g, n, g.final(n), np.full(len(g.lrs), g.resolution), g.learns(n))
        for g, n in zip(grids, names, strict=True)
    ]


@pytest.mark.parametrize(
    ("rule", "log2_rates"),
    [
        ({"rule": "best"}, [0]),
        ({"rule": "optimum"}, [0]),
        ({"rule": "all"}, list(X)),
        ({"rule": "below"}, [-4, -3, -2, -1, 0]),
        ({"rule": "below", "by": 0.25}, [-4, -3, -2]),
        ({"rule": "above"}, [1, 2]),  # 3 and 4 are dead: neither arm learns
        ({"rule": "above", "by": 2}, [2]),
        ({"rule": "smallest", "by": 2}, [-4, -3]),
        ({"rule": "largest", "by": 2}, [1, 2]),
        ({"rule": "stable"}, [-4, -3, -2, -1, 0, 1]),
    ],
)
def test_rules(rule, log2_rates):
    pairs = chosen(rule, *arms(DEAD), ALPHA)
    assert [X[i] for i, _, _ in pairs] == log2_rates and all(i == j for i, j, _ in pairs)


@pytest.mark.parametrize(
    ("rule", "log2_rates"),
    [
        ({"rule": "all"}, list(X)),
        ({"rule": "below", "by": 0.25}, [-4, -3, -2]),
        ({"rule": "smallest", "by": 3}, [-4, -3, -2]),
        ({"rule": "above", "by": 0.125}, [-2, -1, 0, 1, 2, 3, 4]),
        ({"rule": "largest", "by": 8}, [-2, -1, 0, 1, 2, 3, 4]),
    ],
)
def test_rates_too_small_to_learn_anything_count_among_the_small_only(rule, log2_rates):
    slow = sweep(lambda name, x: 0.05 * x**2 + 9.0 * (x < -2))
    assert [X[i] for i, _, _ in chosen(rule, *arms(slow), ALPHA)] == log2_rates


@pytest.mark.parametrize("towards", [0, np.inf])
@pytest.mark.parametrize("rule", ["optimum", "below", "above"])
def test_rates_that_differ_by_rounding_are_the_same(rule, towards):
    """The optimum is that of the second sweep, whose rates are off by one bit."""
    second = sweep(lambda name, x: 0.05 * x**2 - 0.5)
    other = replace(second, lrs=np.nextafter(second.lrs, towards))
    same, found = (chosen({"rule": rule}, *arms(DEAD, grid), ALPHA) for grid in (second, other))
    assert found == same and found


def test_rates_that_differ_by_more_are_not():
    other = replace(DEAD, lrs=1.05 * DEAD.lrs)
    assert chosen({"rule": "all"}, *arms(DEAD, other), ALPHA) == []


def test_the_bound_of_a_rule_is_one_of_the_rates_whatever_its_rounding():
    """0.1 times 0.7 is less than 0.07."""
    grid = sweep(valley(), x=np.log2([0.07, 0.35, 0.7, 1.4]))
    grid = replace(grid, lrs=np.array([0.07, 0.35, 0.7, 1.4]))
    grid.final("sgd")[2] = grid.final("momentum-0.9")[2] = -1.0
    for rule in ("below", "same_temperature"):
        pairs = chosen({"rule": rule, "by": 0.1}, *arms(grid, names=["sgd", "sgd"]), ALPHA)
        assert [pair.first for pair in pairs] == [0]


@pytest.mark.parametrize(("failing", "score"), [(1, LEVEL), (5, 0.6 * LEVEL)])
def test_stable_is_where_no_seed_loses_most_of_what_is_learnt(failing, score):
    """Also if all are better than an untrained network; slow runs below the optimum are stable."""
    grid = sweep(lambda name, x: 0.05 * x**2 + 2.0 * (x < -3))
    grid.final("sgd")[X.tolist().index(2.0), :failing] = score
    pairs = chosen({"rule": "stable"}, *arms(grid), ALPHA)
    assert [X[i] for i, _, _ in pairs] == [-4, -3, -2, -1, 0, 1]


def test_an_optimum_at_which_a_seed_fails_is_not_stable():
    """The mean of the others makes it the best rate all the same."""
    grid = sweep(lambda name, x: np.where(x == 0, 0.0, 2.0))
    grid.final("sgd")[X.tolist().index(0.0), 0] = LEVEL
    pairs = chosen({"rule": "stable"}, *arms(grid), ALPHA)
    assert [X[i] for i, _, _ in pairs] == [-4, -3, -2, -1]


def test_best_is_each_arm_s_own():
    def truth(name, x):
        return 0.05 * (x - (2 if name == "momentum-0.9" else -1)) ** 2

    assert chosen({"rule": "best"}, *arms(sweep(truth)), ALPHA) == [(6, 3, (1, 1))]
    (pair,) = chosen({"rule": "optimum"}, *arms(sweep(truth)), ALPHA)
    assert pair[0] == pair[1] and X[pair[0]] in (-1, 2)


def test_rates_that_may_be_the_best_are_counted():
    flat = sweep(lambda name, x: 0.2 * np.maximum(np.abs(x) - 1, 0), noise=0.01)
    values = flat.final("sgd")
    assert best(values, ALPHA, 1e-9) == (int(values.mean(-1).argmin()), 3)
    assert best(values[:, :1], ALPHA, 1e-9)[1] == len(X)  # one seed tells nothing
    (pair,) = chosen({"rule": "best"}, *arms(flat), ALPHA)
    assert pair.chances == (3, 3)
    (pair,) = chosen({"rule": "optimum"}, *arms(flat), ALPHA)
    assert sorted(pair.chances) == [1, 3]  # in favour of the arm that has the best rate


@pytest.mark.parametrize("rule", ["best", "optimum"])
def test_luck_is_counted_for_the_arm_that_could_choose(rule):
    """Momentum may be best at three rates, SGD at one."""

    def truth(name, x):
        width = 0 if name == "sgd" else 1
        return 0.2 * np.maximum(np.abs(x) - width, 0) + 0.1 * (name == "sgd")

    grid = sweep(truth, noise=0.01)
    for names, chances in ((("momentum-0.9", "sgd"), (3, 1)), (("sgd", "momentum-0.9"), (1, 3))):
        (pair,) = chosen({"rule": rule}, *arms(grid, names=names), ALPHA)
        assert pair.chances == chances


@pytest.mark.parametrize(("share", "count"), [(0.9, 2), (1.1, 1)])
def test_seeds_that_agree_leave_in_doubt_what_is_no_better_than_can_be_told(share, count):
    """A difference of two values is known less precisely than either."""
    least = stats.t.ppf(1 - ALPHA, 4) * np.sqrt(2 / 5)  # in resolutions of a value
    values = np.repeat([[0.0], [share * least], [9.0]], 5, axis=1)
    arm = Arm(DEAD, "sgd", values, np.array([1.0, 0.1, 0.1]), np.ones(3, bool))
    assert arm.best(ALPHA) == (0, count)


def test_of_equal_rates_the_best_is_one_that_succeeds():
    arm = Arm(DEAD, "sgd", np.ones((3, 5)), np.ones(3), np.array([False, True, True]))
    assert arm.best(ALPHA) == (1, 3)


def test_equal_temperature_pairs_rates_in_the_ratio_of_the_batches():
    """Up to the optimum of the first arm, however good the second."""
    small = sweep(lambda name, x: valley()(name, x) - 0.5, batch=32)
    large = sweep(valley(best=2), batch=128)
    pairs = chosen({"rule": "same_temperature"}, *arms(large, small), ALPHA)
    assert [(X[i], X[j]) for i, j, _ in pairs] == [(-2, -4), (-1, -3), (0, -2), (1, -1), (2, 0)]


def test_seeds_of_both():
    assert common_seeds(sweep(valley()), sweep(valley(), seeds=3)) == [0, 1, 2]


def test_arms_are_paired_by_seed_whichever_others_each_has():
    a, b = arms(sweep(valley()), replace(sweep(valley(), seeds=3), seeds=(2, 3, 4)))
    seeds = common_seeds(a.grid, b.grid)
    assert np.array_equal(a.at(0, seeds), a.values[0, 2:])
    assert np.array_equal(b.at(0, seeds), b.values[0])
