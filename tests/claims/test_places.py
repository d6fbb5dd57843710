"""Where the optimum and the threshold lie, in worlds without noise whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from claims.bench import LEVEL, RESOLUTION, TOLERANCE, Memory, paying, sweep, valley, verdict
from largebatch.analysis.claims.evaluate import CHECKS
from largebatch.analysis.claims.grid import Grid

WORSE = 5 * TOLERANCE


def exact(costs: dict[float, float], best: float = 0.0, **settings) -> Grid:
    """SGD pays these costs at these log2 of rates; the optimum is at `best`."""
    return sweep(paying(costs, valley(best=best)), noise=0.0, **settings)


def of(check: dict, grid: Grid) -> tuple[str, str | None]:
    return verdict({"sweeps": ["a"], **check}, Memory({"a": grid}))


def wanted(check: dict, grid: Grid) -> str:
    (found,) = CHECKS[check["test"]](
        {"sweeps": ["a"], "metrics": ["test"], **check}, Memory({"a": grid})
    )
    return found.wanted


@pytest.mark.parametrize(("test", "more"), [("optimum", ", or as good there"), ("threshold", "")])
@pytest.mark.parametrize(
    ("near", "words"),
    [
        (1, "about 1 (0.5 to 2)"),
        (1 / 16, "about 0.0625 (0.0625 to 0.125)"),  # the grid's first rate
        (16, "about 16 (8 to 16)"),
        (1.3, "about 1.3"),  # no rate of the grid
    ],
)
def test_near_is_within_a_step_of_the_grid(test, more, near, words):
    grid = exact({})
    assert wanted({"test": test, "near": near}, grid) == words + more
    if near == 1.3:
        assert of({"test": test, "near": near}, grid) == ("undecided", "grid")


def test_the_same_threshold_in_training_and_in_testing_is_not_a_smaller_one():
    sweeps = {("a", split): exact({3.0: WORSE, 4.0: WORSE}) for split in ("train", "test")}
    check = {"test": "threshold_train_first", "sweeps": ["a"]}
    assert verdict(check, Memory(sweeps))[0] == "contradicted"


def failing_from(grid: Grid, optimizer: str, rate: float) -> Grid:
    curves = grid.curves.copy()
    curves[grid.index(optimizer), grid.lrs >= rate] = LEVEL
    return replace(grid, curves=curves)


def test_rates_at_which_neither_learns_do_not_hide_a_threshold():
    grid = exact(dict.fromkeys((1.0, 2.0), WORSE))
    for name in ("sgd", "momentum-0.9"):
        grid = failing_from(grid, name, 8.0)
    assert of({"test": "threshold", "near": 2}, grid)[0] == "supported"


def test_rates_at_which_only_momentum_learns_are_part_of_its_lead():
    """Below them SGD is as good, so the lead begins where SGD fails."""
    grid = failing_from(exact({}), "sgd", 4.0)
    assert of({"test": "threshold", "near": 4}, grid)[0] == "supported"


@pytest.mark.parametrize("near", [1, 8])
def test_who_learns_nothing_anywhere_has_no_optimum(near):
    """However clear it is which rate is best, all are within a tolerance of untrained."""
    grid = sweep(lambda name, x: np.where(x == 0, LEVEL - 0.9 * TOLERANCE, LEVEL), noise=0.0)
    assert of({"test": "optimum", "near": near}, grid) == ("undecided", "grid")


@pytest.mark.parametrize(("near", "expected"), [(1, "supported"), (4, "contradicted")])
def test_a_rate_as_good_as_the_best_is_near_the_optimum(near, expected):
    """Flat, to half a tolerance, from 1/4 to 1; the best of them is 1/4."""

    def truth(name, x):
        return 0.25 * TOLERANCE * (x + 2) + 0.2 * np.maximum(np.abs(x + 1) - 1, 0)

    check = {"test": "optimum", "near": near}
    assert of(check, sweep(truth, noise=0.0))[0] == expected


def test_an_optimum_is_as_precise_as_the_scores_beside_it():
    """A vertex moves by 1/(2 x 0.1) of the difference of its two neighbours (here 0.05 higher)."""
    memory = Memory({"a": exact({})}, draws=20_000)
    check = {"test": "optimum", "sweeps": ["a"], "near": 1, "metrics": ["test"]}
    (found,) = CHECKS["optimum"](check, memory)
    error = RESOLUTION / np.sqrt(5) / (2 * 0.1)
    width = np.log2(found.evidence.high / found.evidence.low)
    assert width == pytest.approx(2 * 2.132 * error, rel=0.05)
